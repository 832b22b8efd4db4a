#include "server/commands/rule_preview.h"

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>

#include "server/alerts/history/preview.h"
#include "server/alerts/rules/rule_files.h"
#include "server/commands/temporary_folder.h"
#include "server/storage/open/store_admin.h"
#include "util/clock.h"
#include "util/text/counted.h"

namespace hostwatch::server {
namespace {

constexpr std::chrono::minutes kMostTime{30};

std::string noisiest_of(const alerts::Preview& found) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.noisiest.size(), 3); ++i) {
    text +=
        (text.empty() ? "" : ", ") + found.noisiest[i].host + " " + std::to_string(found.noisiest[i].fired);
  }
  return text.empty() ? "-" : text;
}

std::string remarks_on(const alerts::Preview& found) {
  std::string text;
  if (!found.exact) text += " (not exact)";
  if (found.partial) text += " (only " + util::counted(found.examined_hosts, "host") + ": it took too long)";
  return text;
}

void print_preview(const storage::Store& store, const alerts::Rule& rule, const Options& options,
                   std::int64_t now) {
  query::HistoryLimits limits;
  limits.max_time = kMostTime;
  query::AnswerBudget budget(limits);
  const alerts::Preview found = alerts::preview(store,
                                                {.rule = rule,
                                                 .from = now - options.previewed,
                                                 .to = now,
                                                 .hostname = options.previewed_host,
                                                 .with_variants = false},
                                                budget);
  std::cout << std::left << std::setw(28) << rule.id << std::right << std::setw(7) << found.fired
            << std::setw(7) << found.hosts << std::setw(9) << found.told << std::setw(7) << found.night
            << "  " << noisiest_of(found) << remarks_on(found) << std::endl;
}

}  // namespace

int preview_rules(const Options& options) {
  const auto read = alerts::read_rule_files(options.checked_rules);
  if (const auto* faults = std::get_if<std::vector<alerts::FileFault>>(&read)) {
    for (const alerts::FileFault& fault : *faults) std::cerr << fault.line() << "\n";
    return 1;
  }
  const TemporaryFolder folder;
  const std::string copy = folder.path() + "/metrics.db";
  storage::backup_store(options.database, copy);
  const auto store = storage::open_store({copy, options.retention, 0});
  std::cout << std::left << std::setw(28) << "rule" << std::right << std::setw(7) << "fired" << std::setw(7)
            << "hosts" << std::setw(9) << "messages" << std::setw(7) << "night"
            << "  noisiest\n";
  const std::int64_t now = util::unix_now();
  for (const alerts::FileRule& one : std::get<alerts::RuleFiles>(read).rules) {
    print_preview(*store, one.rule, options, now);
  }
  return std::cout ? 0 : 1;
}

}  // namespace hostwatch::server
