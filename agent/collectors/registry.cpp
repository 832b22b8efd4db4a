#include "agent/collectors/registry.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/collectors/cpu.h"
#include "agent/collectors/disks/disk_io.h"
#include "agent/collectors/disks/filesystems.h"
#include "agent/collectors/load.h"
#include "agent/collectors/memory.h"
#include "agent/collectors/network.h"
#include "agent/collectors/pressure.h"
#include "agent/collectors/uptime.h"
#include "util/files/small_file.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

using Runs = CollectorDefinition::Runs;

template <typename Source>
std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<Source>(context.roots);
}

std::unique_ptr<Collector> make_own(const CollectorContext& context) {
  if (!context.own_figures) return nullptr;
  return std::make_unique<OwnCollector>(context.own_figures);
}

// A new source is a row here.
constexpr auto kRegistry = std::to_array<CollectorDefinition>({
    {.name = "cpu", .runs = Runs::always, .make = make<CpuCollector>},
    {.name = "memory", .runs = Runs::always, .make = make<MemoryCollector>},
    {.name = "filesystems", .runs = Runs::always, .make = make<FileSystemCollector>},
    {.name = "disk_io", .make = make<DiskIoCollector>},
    {.name = "network", .make = make<NetworkCollector>},
    {.name = "load", .make = make<LoadCollector>},
    {.name = "pressure", .make = make<PressureCollector>},
    {.name = "uptime", .make = make<UptimeCollector>},
    {.name = "agent", .make = make_own},
    {.name = kCollectorDurations, .runs = Runs::on_request},
});

constexpr std::string_view kDefault = "default";
constexpr std::string_view kAll = "all";

const CollectorDefinition* find_definition(std::string_view name) {
  const auto* const found = std::find_if(kRegistry.begin(), kRegistry.end(),
                                         [name](const auto& definition) { return definition.name == name; });
  return found == kRegistry.end() ? nullptr : found;
}

/// Which rows of the registry are chosen.
class Choice {
 public:
  /// Those whose `runs` is at most `most`.
  void add_up_to(Runs most) {
    for (std::size_t i = 0; i < kRegistry.size(); ++i) chosen_[i] = chosen_[i] || kRegistry[i].runs <= most;
  }

  void set(const CollectorDefinition& definition, bool chosen) {
    chosen_[static_cast<std::size_t>(&definition - kRegistry.data())] = chosen;
  }

  CollectorNames names() const {
    CollectorNames names;
    for (std::size_t i = 0; i < kRegistry.size(); ++i) {
      if (chosen_[i]) names.push_back(kRegistry[i].name);
    }
    return names;
  }

 private:
  std::array<bool, kRegistry.size()> chosen_{};
};

std::string unknown_name(std::string_view name) {
  constexpr std::size_t kShown = 100;  // the names must not be cut off behind it
  return "there is no collector '" + util::make_printable(name, kShown) + "': there are " +
         list_collectors() + ", and the words default and all";
}

/// Applies one item; the reason if it cannot.
std::optional<std::string> apply_item(std::string_view item, Choice& choice) {
  if (item == kDefault || item == kAll) {
    choice.add_up_to(item == kAll ? Runs::on_request : Runs::by_default);
    return std::nullopt;
  }
  const bool takes_away = item.starts_with('-');
  const std::string_view name = item.substr(takes_away ? 1 : 0);
  if (takes_away && (name.empty() || name == kDefault || name == kAll)) {
    return "'" + std::string(item) + "' takes nothing away: a hyphen goes before the name of a collector";
  }
  const CollectorDefinition* const definition = find_definition(name);
  if (definition == nullptr) return unknown_name(name);
  if (takes_away && definition->runs == Runs::always) {
    return "'" + std::string(name) + "' cannot be switched off: every reading needs the values of " +
           list_collectors(Runs::always);
  }
  choice.set(*definition, !takes_away);
  return std::nullopt;
}

std::string join_names(const auto& is_listed) {
  std::string list;
  for (const CollectorDefinition& definition : kRegistry) {
    if (!is_listed(definition)) continue;
    if (!list.empty()) list += ", ";
    list += definition.name;
  }
  return list;
}

}  // namespace

std::span<const CollectorDefinition> collector_registry() {
  return kRegistry;
}

CollectorNames default_collectors() {
  Choice choice;
  choice.add_up_to(Runs::by_default);
  return choice.names();
}

std::variant<CollectorNames, std::string> parse_collector_list(std::string_view text) {
  Choice choice;
  bool any = false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = util::trim(text.substr(begin, end - begin));
    begin = end + 1;
    if (item.empty()) continue;
    if (!any) choice.add_up_to(item.starts_with('-') ? Runs::by_default : Runs::always);
    any = true;
    if (auto reason = apply_item(item, choice)) return *std::move(reason);
  }
  if (!any) return "names no collector: there are " + list_collectors();
  return choice.names();
}

std::string list_collectors() {
  return join_names([](const CollectorDefinition&) { return true; });
}

std::string list_collectors(CollectorDefinition::Runs runs) {
  return join_names([runs](const CollectorDefinition& definition) { return definition.runs == runs; });
}

bool is_chosen(const CollectorNames& chosen, std::string_view name) {
  return std::find(chosen.begin(), chosen.end(), name) != chosen.end();
}

std::vector<NamedCollector> make_collectors(const CollectorNames& names, const CollectorContext& context) {
  std::vector<NamedCollector> collectors;
  for (const CollectorDefinition& definition : kRegistry) {
    if (definition.make == nullptr || !is_chosen(names, definition.name)) continue;
    if (auto collector = definition.make(context))
      collectors.push_back({definition.name, std::move(collector)});
  }
  return collectors;
}

}  // namespace hostwatch::agent
