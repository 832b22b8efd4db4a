#include "server/commands/rule_tests.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <utility>

#include "server/alerts/rules/rule_files.h"
#include "server/alerts/rules/shipped_rules.h"
#include "server/alerts/trial/trial_run.h"
#include "server/commands/temporary_folder.h"
#include "server/storage/open/open_store.h"
#include "util/text/counted.h"

namespace hostwatch::server {
namespace {

/// Nothing: they are wrong, which has been said.
std::optional<std::vector<alerts::Rule>> rules_of(const alerts::TrialFile& tests, const std::string& file) {
  if (tests.shipped) return alerts::shipped_rules();
  if (tests.rules.empty()) return tests.inline_rules;
  const std::filesystem::path path = std::filesystem::path(file).parent_path() / tests.rules;
  auto read = alerts::read_rule_files(path.string());
  if (const auto* faults = std::get_if<std::vector<alerts::FileFault>>(&read)) {
    for (const alerts::FileFault& fault : *faults) std::cerr << fault.line() << "\n";
    return std::nullopt;
  }
  std::vector<alerts::Rule> rules;
  for (alerts::FileRule& one : std::get<alerts::RuleFiles>(read).rules) rules.push_back(std::move(one.rule));
  return rules;
}

bool passes(const alerts::Trial& trial, const std::vector<alerts::Rule>& rules) {
  const TemporaryFolder folder;
  const auto open = [&] { return storage::open_store({folder.path() + "/metrics.db", {}, 0}); };
  const std::vector<std::string> faults = alerts::run_trial(trial, rules, open);
  std::cout << (faults.empty() ? "ok      " : "FAILED  ") << trial.name << "\n";
  for (const std::string& fault : faults) std::cout << "        " << fault << "\n";
  return faults.empty();
}

}  // namespace

int test_rules(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.is_open() || in.bad()) {
    std::cerr << "hostwatch-server: " << file << " cannot be read\n";
    return 1;
  }
  const auto read = alerts::read_trial_file(text);
  if (const auto* fault = std::get_if<alerts::TrialFault>(&read)) {
    std::cerr << file << ":" << fault->line << ": " << fault->text << "\n";
    return 1;
  }
  const auto& tests = std::get<alerts::TrialFile>(read);
  const auto rules = rules_of(tests, file);
  if (!rules) return 1;
  std::size_t failed = 0;
  for (const alerts::Trial& trial : tests.trials) {
    if (!passes(trial, *rules)) ++failed;
  }
  std::cout << util::counted(tests.trials.size(), "test") << ", " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}

}  // namespace hostwatch::server
