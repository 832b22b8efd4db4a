#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/fault_proxy.h"
#include "tests/integration/ledger.h"
#include "tests/integration/message_ledger.h"

namespace hostwatch::testing {

/// A server on a small disk of its own, agents with spools and ledger clients, each behind a proxy, and all
/// that can befall them. Every step leaves the world in a state from which heal() leads back.
class World {
 public:
  static constexpr int kAgents = 5;
  static constexpr int kClients = 20;

  /// `disk_mebibytes`: of the server's disk, if there may be mounts here.
  World(std::mt19937& random, int disk_mebibytes);

  /// One fault, chosen at random.
  void next_fault();
  /// Ends everything that still lasts: the server runs, its disk has room, every line is open.
  void heal();
  /// Compares the ledgers with what is stored; true if they close. Prints the numbers.
  bool close_ledgers();
  /// What was done, and how often.
  void print_faults() const;

 private:
  void make_disk(int mebibytes);
  void start_server();
  void restart_server(int signal);
  void count_conflicts();
  void close_message_ledger();
  void kill_an_agent();
  void freeze(const Process& process, const std::string& who);
  void fill_disk_for_a_while();
  void trouble_a_line();
  void let_pass(int most_milliseconds);
  int up_to(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
  void note(const std::string& fault) { ++faults_[fault]; }

  std::mt19937& random_;
  TemporaryFolder folder_;
  std::string data_;
  std::string ballast_;
  std::unique_ptr<Process> disk_;  ///< holds the mount while servers come and go; none: no mounts here
  MessageLedger messages_;
  std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<FaultProxy>> lines_;  ///< of the agents, then of the clients
  std::vector<std::unique_ptr<AgentUnderTest>> agents_;
  std::vector<std::unique_ptr<LedgerClient>> clients_;
  std::map<std::string, std::size_t> faults_;
  double conflicts_ = 0;
};

}  // namespace hostwatch::testing
