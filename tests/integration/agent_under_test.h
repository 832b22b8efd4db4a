#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/programs.h"

namespace hostwatch::testing {

/// An agent with a spool of its own, one reading a second, that is killed and started again, and the ledger
/// of what it has sampled: what it says, at log level debug, to have put into the spool.
class AgentUnderTest {
 public:
  /// `hostname`: empty for the host's own. `in_front`: words before the program, as on_own_file_system() has
  /// them.
  AgentUnderTest(std::string url, std::string hostname, std::string spool,
                 std::vector<std::string> options = {}, std::vector<std::string> in_front = {});

  const std::string& hostname() const { return hostname_; }
  /// The running one.
  Process& process() { return *process_; }

  void start();
  void kill();
  /// As Process::stop().
  std::optional<int> stop();
  std::size_t kills() const { return kills_; }

  /// Of all its lives.
  std::set<std::int64_t> sampled() const;
  std::string output() const { return earlier_output_ + process_->output(); }

 private:
  void take_ledger();

  std::vector<std::string> command_;
  std::string hostname_;
  std::unique_ptr<Process> process_;
  std::string earlier_output_;
  std::set<std::int64_t> sampled_before_;
  std::size_t kills_ = 0;
};

/// The agent's own lines "reading TIMESTAMP in the spool".
std::set<std::int64_t> sampled_readings(const std::string& log);

/// Waits until everything that `agent` has sampled so far is stored. Fails the test if it never is, if a
/// reading is there twice, or if there are more that it never told of than it was killed (between putting it
/// into the spool and saying so). How many it has sampled.
std::size_t expect_sampled_stored(const Server& server, const AgentUnderTest& agent,
                                  std::chrono::seconds patience = std::chrono::seconds(120));

}  // namespace hostwatch::testing
