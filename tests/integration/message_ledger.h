#pragma once

#include <httplib.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hostwatch::testing {

/// What one message told a channel of one alarm.
struct ToldAlarm {
  std::string channel;
  std::string message;  ///< its id, of the header webhook-id
  std::int64_t alarm;
  std::string event;
  std::string rule;
  std::string host;
  std::chrono::steady_clock::time_point at;
};

/// A receiver of webhooks on this machine that writes down what it is told, before it answers 200. The
/// channels are told apart by the path.
class MessageLedger {
 public:
  MessageLedger();
  ~MessageLedger();
  MessageLedger(const MessageLedger&) = delete;
  MessageLedger& operator=(const MessageLedger&) = delete;

  std::string url(const std::string& channel) const;
  /// Where a message is taken and never answered, as long as this object lives.
  std::string silent_url() const;
  /// From now on each such attempt is refused with 503, and is not written down; 0: none is.
  void refuse_each(std::size_t attempts);

  std::vector<ToldAlarm> told() const;
  /// Those of one rule that say `event`.
  std::vector<ToldAlarm> told_of(const std::string& rule, const std::string& event) const;
  /// Requests that were taken and not answered.
  std::size_t unanswered() const;
  std::size_t refused() const;
  /// What was no message: the first is enough.
  std::string unexpected() const;

 private:
  void take(const httplib::Request& request, httplib::Response& response);
  void keep_waiting();

  httplib::Server receiver_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable ends_;
  bool is_ending_ = false;
  std::vector<ToldAlarm> told_;
  std::size_t refuse_each_ = 0;
  std::size_t attempts_ = 0;
  std::size_t refused_ = 0;
  std::size_t unanswered_ = 0;
  std::string unexpected_;
  std::thread thread_;
};

}  // namespace hostwatch::testing
