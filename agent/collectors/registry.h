#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/collector_set.h"
#include "agent/collectors/own_metrics.h"

namespace hostwatch::agent {

/// What collectors are made with.
struct CollectorContext {
  Roots roots;
  std::function<OwnFigures()> own_figures = nullptr;  ///< null where nothing is delivered (--once)
};

/// One collector: everything that is said of it outside its own file.
struct CollectorDefinition {
  enum class Runs {
    always,      ///< a reading's cpu, ram or disk is made of it
    by_default,  ///< unless --collectors leaves it out
    on_request   ///< where --collectors names it
  };

  std::string_view name;  ///< in --collectors, in the log, as instance of agent_collector_*: [a-z0-9_]+
  Runs runs = Runs::by_default;
  /// Null: this is no source, but something that CollectorSet does. A null result: there is nothing to
  /// collect in this program.
  std::unique_ptr<Collector> (*make)(const CollectorContext& context) = nullptr;
};

/// Every collector that Hostwatch has, in the order in which they run.
std::span<const CollectorDefinition> collector_registry();

/// The name that stands for agent_collector_seconds: CollectorSet measures where it is among those chosen.
inline constexpr std::string_view kCollectorDurations = "agent_collectors";

/// Names of the registry, in its order, each once. They outlive everything.
using CollectorNames = std::vector<std::string_view>;

/// Those that run where nothing else is asked for.
CollectorNames default_collectors();

/// Reads the text of --collectors, items with commas between them, from left to right: NAME adds a collector,
/// -NAME takes one away, `default` adds the usual ones and `all` every one. A list whose first item takes
/// away begins with the usual ones, any other with those that always run. Blanks around items and empty items
/// do not count. A string is the reason why the text is refused: an unknown name, one that always runs taken
/// away, or no item at all.
std::variant<CollectorNames, std::string> parse_collector_list(std::string_view text);

/// "cpu, memory, ...": every name of the registry, of those with `runs` alone if that is given.
std::string list_collectors();
std::string list_collectors(CollectorDefinition::Runs runs);

bool is_chosen(const CollectorNames& chosen, std::string_view name);

/// Makes the collectors of those names.
std::vector<NamedCollector> make_collectors(const CollectorNames& names, const CollectorContext& context);

}  // namespace hostwatch::agent
