#include "tests/integration/agent_under_test.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/integration/ledger.h"

namespace hostwatch::testing {

AgentUnderTest::AgentUnderTest(std::string url, std::string hostname, std::string spool,
                               std::vector<std::string> options, std::vector<std::string> in_front)
    : command_(std::move(in_front)), hostname_(std::move(hostname)) {
  command_.insert(command_.end(), {HOSTWATCH_AGENT_PROGRAM, "--server-url", std::move(url), "--interval", "1",
                                   "--spool", std::move(spool), "--log-level", "debug"});
  if (!hostname_.empty()) command_.insert(command_.end(), {"--hostname", hostname_});
  command_.insert(command_.end(), options.begin(), options.end());
  start();
}

void AgentUnderTest::start() {
  if (process_) take_ledger();
  process_ = std::make_unique<Process>(command_);
}

void AgentUnderTest::kill() {
  process_->signal(SIGKILL);
  process_->wait();
  ++kills_;
}

std::optional<int> AgentUnderTest::stop() {
  return process_->stop();
}

void AgentUnderTest::take_ledger() {
  earlier_output_ += process_->output() + "--- killed ---\n";
  std::set<std::int64_t> sampled = sampled_readings(process_->output());
  sampled_before_.merge(sampled);
  EXPECT_TRUE(sampled.empty()) << hostname_ << " used " << *sampled.begin() << " twice, in two of its lives";
}

std::set<std::int64_t> AgentUnderTest::sampled() const {
  std::set<std::int64_t> all = sampled_readings(process_->output());
  all.insert(sampled_before_.begin(), sampled_before_.end());
  return all;
}

std::set<std::int64_t> sampled_readings(const std::string& log) {
  std::set<std::int64_t> sampled;
  const std::string label = " reading ";
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(label);
    if (at == std::string::npos || !line.ends_with(" in the spool")) continue;
    const std::int64_t timestamp = std::strtoll(line.c_str() + at + label.size(), nullptr, 10);
    EXPECT_TRUE(sampled.insert(timestamp).second) << "a timestamp used twice: " << line;
  }
  return sampled;
}

std::size_t expect_sampled_stored(const Server& server, const AgentUnderTest& agent,
                                  std::chrono::seconds patience) {
  const std::set<std::int64_t> sampled = agent.sampled();
  if (sampled.empty()) {
    ADD_FAILURE() << agent.hostname() << " has sampled nothing\n" << agent.output();
    return 0;
  }
  std::map<std::int64_t, double> stored;
  std::vector<std::int64_t> missing;
  eventually(
      [&] {
        stored = stored_readings(server, agent.hostname(), *sampled.begin() - 60, *sampled.rbegin());
        missing.clear();
        for (const std::int64_t timestamp : sampled) {
          if (!stored.contains(timestamp)) missing.push_back(timestamp);
        }
        return missing.empty();
      },
      patience);
  EXPECT_TRUE(missing.empty()) << missing.size() << " of " << sampled.size() << " readings of "
                               << agent.hostname() << " lost, the first is "
                               << (missing.empty() ? 0 : missing.front()) << "\n"
                               << agent.output();
  std::size_t untold = 0;
  for (const auto& [timestamp, value] : stored) untold += sampled.contains(timestamp) ? 0U : 1U;
  EXPECT_LE(untold, agent.kills()) << "readings of " << agent.hostname() << " from nowhere";
  return sampled.size();
}

}  // namespace hostwatch::testing
