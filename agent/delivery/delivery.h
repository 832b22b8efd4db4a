#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>

#include "agent/delivery/credential.h"
#include "agent/delivery/delivery_log.h"
#include "agent/delivery/http_poster.h"
#include "agent/delivery/retry_timing.h"
#include "agent/spool/spool.h"
#include "net/url.h"

namespace hostwatch::agent {

struct DeliverySettings {
  net::ServerUrl url;
  net::TlsFiles tls;
  CredentialSettings credential;
  std::string identity;                     ///< see SpoolFolder; empty: none
  std::chrono::milliseconds send_offset{};  ///< see send_offset()
  HttpTimeouts timeouts;
  RetryTiming retry;
  std::size_t max_readings = 1'000;  ///< a request
  std::size_t max_bytes = 1U << 20U;
  /// Between two requests of the backlog the connection rests for as long as the one before took, but within
  /// these: a server that is slow to answer has others to serve.
  std::chrono::milliseconds shortest_rest{20};
  std::chrono::milliseconds longest_rest{2'000};
};

/// What delivery takes from around it.
struct DeliveryHooks {
  std::function<double()> random;          ///< 0 to 1, for jitter; called on delivery's thread alone
  std::function<std::int64_t()> unix_now;  ///< wall clock, for Retry-After dates
  /// The server is back, or refused something: it may not know this host's facts (any more).
  std::function<void()> facts_may_be_lost;
  /// What the server's clock showed (Unix seconds) when it answered just now.
  std::function<void(std::int64_t)> server_time;
  /// See take_name(): from now on readings may carry that name. Null: nobody ever asks for one.
  std::function<void(const std::string&)> name_taken = nullptr;
};

/// Since the start.
struct DeliveryCounts {
  std::uint64_t delivered = 0;   ///< stored by the server, duplicates included
  std::uint64_t duplicates = 0;  ///< of these, stored before
  std::uint64_t rejected = 0;    ///< named in a 200 answer as not taken
  std::uint64_t dropped = 0;     ///< refused for good (400, 415, a single one that is too large)
  std::uint64_t failures = 0;    ///< tries that will be, or were, repeated
};

/// Takes readings from the spool and posts them, on a thread of its own, until each is stored by the server
/// or refused for good. Fresh readings go first, the backlog beside them at a measured pace. What cannot be
/// delivered now is tried again for ever, ever more slowly. Delivery is at least once: a reading whose answer
/// was lost is sent again.
///
/// The thread starts with the constructor. All functions may be called from any thread.
class Delivery {
 public:
  /// `spool` must outlive this.
  Delivery(Spool& spool, DeliverySettings settings, DeliveryHooks hooks);

  /// Waits for the thread; call stop() before to bound that.
  ~Delivery();

  /// Ends delivery: the request under way is broken off if it does not end within half of `limit`, then what
  /// is fresh is tried once more; all else stays in the spool. False if the thread has not ended after
  /// `limit`: it hangs in the resolver, and destroying this object would wait with it.
  bool stop(std::chrono::milliseconds limit);

  /// Cancels a request that takes longer than HttpTimeouts::request; to be called now and then, best at
  /// every tick. Never blocks.
  void cancel_overdue_request(std::chrono::steady_clock::time_point now) { poster_.cancel_overdue(now); }

  /// The files of the token and of TLS may have changed: they are read before the next request. Files that
  /// cannot be used are logged, and all stays as it was.
  void read_files_again();

  /// The host is called so now. As soon as readings of that name can be delivered the hook name_taken is
  /// called, on delivery's thread: at once where no token is bound to the former name, and else when all that
  /// waits is delivered and the server has let this agent enrol under the new one. Until then the former name
  /// stays good. A token that was given, and is none to enrol with, may be good for one name alone: then the
  /// new name counts after a restart, unless the former one was none ("localhost").
  void take_name(const std::string& name);

  DeliveryCounts counts() const;

 private:
  enum class Phase { working, flushing, ended };
  /// What came of one request; `wait`: how long to leave the server in peace.
  struct Outcome {
    bool done = true;  ///< the readings have left the queue, or smaller requests are to be tried
    std::chrono::milliseconds wait{};
    bool refused = false;  ///< the server wants nothing of this host
  };

  struct EnrollmentFailure {
    std::string reason;
    bool slowly = false;  ///< only a person can change the answer
    std::string retry_after;
    bool refused = false;  ///< as in Outcome
  };

  void run(const std::stop_token& stop);
  void flush();
  void deliver(const std::stop_token& stop);
  Outcome send(const Batch& batch);
  Outcome send_with(Credential& credential, const Batch& batch);
  Outcome post(Credential& credential, const Batch& batch);
  std::optional<EnrollmentFailure> ask_to_enroll(Credential& credential);
  Outcome enroll(Credential& credential);
  void follow_name(bool nothing_waits);
  bool may_take(Credential& next, bool nothing_waits);
  void clear_wanted_name(const std::string& name);
  void refuse_name(const std::string& name, const std::string& reason);
  std::variant<HttpAnswer, PostFailure> post_twice_if_idle(const PostedBody& posted);
  void renew_files();
  Outcome handle(const Batch& batch, const HttpAnswer& answer);
  Outcome settle(const Batch& batch, const Judgement& judgement, bool new_connection);
  Outcome drop(const Batch& batch, const std::string& reason);
  Outcome split(const Batch& batch, const std::string& reason);
  Outcome retry(const std::string& reason, bool slowly, const std::string& retry_after);
  void pause(const std::stop_token& stop, std::chrono::milliseconds time);
  void enter(Phase phase);
  void count(std::uint64_t DeliveryCounts::*which, std::uint64_t more);

  Spool& spool_;
  const DeliverySettings settings_;
  const DeliveryHooks hooks_;
  HttpPoster poster_;
  Credential credential_;
  /// Of the host's name before, for what still waits of it.
  std::optional<Credential> former_credential_;
  DeliveryLog log_;
  std::atomic<bool> files_changed_ = false;
  bool has_delivered_ = false;
  unsigned failures_in_a_row_ = 0;
  std::size_t readings_a_request_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Phase phase_ = Phase::working;
  std::chrono::steady_clock::time_point flush_deadline_;
  DeliveryCounts counts_;
  std::string wanted_name_;   ///< see take_name(); empty: none
  std::string refused_name_;  ///< of delivery's thread: see refuse_name(); empty: none
  std::chrono::steady_clock::time_point name_refused_at_;

  std::jthread thread_;  // last: ends before what it uses goes
};

}  // namespace hostwatch::agent
