#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/tag.h"
#include "server/alerts/evaluation/compiled_rule.h"
#include "server/alerts/rules/rule.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// A rule as it is in force. Never changes.
struct BookEntry {
  RuleEntry entry;
  SharedRule compiled;
};

using SharedEntry = std::shared_ptr<const BookEntry>;

/// Which rules are in force: of one id that of the files, else that of the page, else the shipped one. Not
/// thread-safe.
class RuleBook {
 public:
  /// `shipped`: those that come with the program.
  explicit RuleBook(std::vector<Rule> shipped);

  /// The rules of the page, as the store has them. What cannot be read any more is left out, and told by
  /// problems().
  void load(std::span<const storage::RuleRow> rows);
  /// The rules of the files, all together.
  void set_files(std::vector<Rule> rules, std::int64_t now);

  /// A rule of the page, new or changed.
  void put(RuleEntry entry);
  /// False if the page has none of that id.
  bool remove(std::string_view id);

  /// By id; null: there is none.
  const SharedEntry* find(std::string_view id) const;
  const std::map<std::string, SharedEntry, std::less<>>& all() const { return in_force_; }
  /// A rule of the files has that id: nobody else may change it.
  bool is_of_file(std::string_view id) const { return files_.count(std::string(id)) != 0; }
  const std::vector<std::string>& problems() const { return problems_; }

  /// It goes by what the server knows, on ticks, and not by readings.
  static bool is_about_signals(const Rule& rule) { return kind_of(rule) != Kind::series; }

  // What holds for whom: series of a host, what the server knows of a host, and of itself. Hosts of which the
  // same rules hold share a list.
  SharedRules for_series(std::string_view hostname, const protocol::Tags& tags);
  SharedRules for_signals(std::string_view hostname, const protocol::Tags& tags);
  SharedRules for_server();

 private:
  enum class Kind : std::uint8_t { series, host_signals, server_signals };
  static Kind kind_of(const Rule& rule);
  void enforce();
  SharedRules select(Kind kind, std::string_view hostname, const protocol::Tags& tags);

  using Entries = std::map<std::string, SharedEntry, std::less<>>;
  Entries shipped_;
  Entries page_;
  Entries files_;
  Entries in_force_;
  std::vector<std::string> problems_;
  std::map<std::vector<const CompiledRule*>, SharedRules> lists_;  ///< by their rules
};

/// As the store keeps it.
storage::RuleRow to_row(const RuleEntry& entry);

}  // namespace hostwatch::alerts
