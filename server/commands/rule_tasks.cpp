#include "server/commands/rule_tasks.h"

#include <filesystem>
#include <iostream>

#include "server/alerts/rules/rule_check.h"
#include "server/alerts/rules/rule_files.h"
#include "server/alerts/rules/rule_json.h"
#include "server/alerts/rules/shipped_rules.h"
#include "server/commands/rule_preview.h"
#include "server/commands/rule_tests.h"
#include "server/storage/open/store_admin.h"
#include "util/text/counted.h"

namespace hostwatch::server {
namespace {

/// The hosts of the database, if it is there and can be read: rules can be checked without.
std::optional<std::vector<alerts::CheckedHost>> known_hosts(const std::string& database) {
  std::error_code ignored;
  if (!std::filesystem::exists(database, ignored)) return std::nullopt;
  try {
    std::vector<alerts::CheckedHost> hosts;
    for (storage::HostTags& host : storage::stored_hosts(database)) {
      hosts.push_back({std::move(host.name), std::move(host.tags)});
    }
    return hosts;
  } catch (const storage::StoreError& error) {
    std::cerr << "hostwatch-server: hosts are not checked: " << error.what() << "\n";
    return std::nullopt;
  }
}

int check_rules(const Options& options) {
  const auto read = alerts::read_rule_files(options.checked_rules);
  if (const auto* faults = std::get_if<std::vector<alerts::FileFault>>(&read)) {
    for (const alerts::FileFault& fault : *faults) std::cerr << fault.line() << "\n";
    std::cerr << "hostwatch-server: " << util::counted(faults->size(), "fault")
              << "; a server would take none of these files\n";
    return 1;
  }
  const auto& files = std::get<alerts::RuleFiles>(read);
  const alerts::CheckAgainst against{.hosts = known_hosts(options.database)};
  std::size_t warnings = 0;
  for (const alerts::FileRule& one : files.rules) {
    for (const std::string& text : alerts::check_rule(one.rule, against)) {
      std::cerr << one.place.file << ":" << one.place.line << ": warning: " << one.rule.id << ": " << text
                << "\n";
      ++warnings;
    }
  }
  std::cout << util::counted(files.rules.size(), "rule") << " and "
            << util::counted(files.routes.size(), "route") << " in " << util::counted(files.files, "file");
  if (against.hosts) std::cout << ", against " << util::counted(against.hosts->size(), "host");
  std::cout << ": " << (warnings == 0 ? "nothing is wrong" : util::counted(warnings, "warning")) << "\n";
  return 0;
}

/// In the form of a file of --rules.
int export_rules(const Options& options) {
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  int status = 0;
  for (const storage::RuleRow& row : storage::stored_rules(options.database)) {
    if (row.source != "page") continue;
    const auto rule = alerts::parse_rule(row.definition);
    if (const auto* wrong = std::get_if<std::string>(&rule)) {
      std::cerr << "hostwatch-server: left out rule '" << row.id << "': " << *wrong << "\n";
      status = 1;
      continue;
    }
    rules.push_back(alerts::rule_json(std::get<alerts::Rule>(rule)));
  }
  std::cout << nlohmann::ordered_json{{"rules", rules}}.dump(2) << "\n";
  std::cout.flush();
  return std::cout ? status : 1;
}

}  // namespace

int run_rule_task(const Options& options) {
  try {
    if (options.task == Task::check_rules) return check_rules(options);
    if (options.task == Task::export_rules) return export_rules(options);
    if (options.task == Task::preview_rules) return preview_rules(options);
    if (options.task == Task::test_rules) return test_rules(options.checked_rules);
    std::cout << alerts::shipped_rules_text() << std::flush;
    return std::cout ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "hostwatch-server: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace hostwatch::server
