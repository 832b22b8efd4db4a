#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/programs.h"

namespace hostwatch::testing {

/// Every reading has a value of its own, so that one in another's place is noticed.
double value_at(std::int64_t timestamp);

struct LedgerSettings {
  std::string hostname;
  std::int64_t first_timestamp = 0;
  std::size_t array_size = 1;  ///< readings a request; 1: an object
  /// Where the server goes, the client ends; one that endures sends the same again until it is acknowledged.
  bool endures = false;
  bool expects_500 = false;                ///< from a server that is short of memory; as a 503
  std::chrono::milliseconds pause{};       ///< between two requests
  std::chrono::seconds answer_within{30};  ///< then it gives up the connection
};

/// A client that posts readings, and writes down what was sent and what was acknowledged.
class LedgerClient {
 public:
  /// `port`: the server's, or that of a proxy before it.
  LedgerClient(int port, LedgerSettings settings);
  ~LedgerClient() { stop(); }
  LedgerClient(const LedgerClient&) = delete;
  LedgerClient& operator=(const LedgerClient&) = delete;

  /// Waits until the client has ended because its server did.
  void join();
  /// Ends it after the request under way, which may remain unanswered.
  void stop();

  const std::string& hostname() const { return settings_.hostname; }
  std::size_t acknowledged_so_far() const { return count_; }

  // Once it has ended:
  std::int64_t first() const { return settings_.first_timestamp; }
  std::int64_t next() const { return next_; }
  const std::vector<std::int64_t>& acknowledged() const { return acknowledged_; }
  /// Sum of what the answers called duplicates.
  std::size_t duplicates() const { return duplicates_; }
  /// An answer that should not be, which ends the client too.
  const std::string& unexpected() const { return unexpected_; }

 private:
  enum class Outcome { acknowledged, open, ended };

  void run(const std::stop_token& stop, int port);
  Outcome judge(const httplib::Result& result);

  LedgerSettings settings_;
  std::int64_t next_;
  std::vector<std::int64_t> acknowledged_;
  std::size_t duplicates_ = 0;
  std::string unexpected_;
  std::atomic<std::size_t> count_{0};
  std::jthread thread_;
};

/// What a server has of a host in a span of time: timestamps with their `cpu`. Fails the test where one is
/// there twice.
std::map<std::int64_t, double> stored_readings(const Server& server, const std::string& hostname,
                                               std::int64_t first, std::int64_t last);

/// All that a client was told is stored is there, once, and everything there has its own value. How many
/// acknowledged readings are lost.
std::size_t expect_ledger_kept(const Server& server, const LedgerClient& client);

/// The database's own word, once nobody has it open.
void expect_sound(const std::string& database);

/// A figure of the server's own from GET /metrics, without its prefix "hostwatch_server_".
double server_figure(const Server& server, const std::string& name);

/// From the environment: a positive number, or else the default.
int number_from_environment(const char* variable, int otherwise);

}  // namespace hostwatch::testing
