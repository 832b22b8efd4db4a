#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/delivery/channel.h"
#include "server/delivery/destination_policy.h"
#include "server/delivery/message.h"

namespace hostwatch::delivery {

/// How an attempt ended.
enum class Outcome : std::uint8_t {
  sent,     ///< the receiver has it
  unsent,   ///< nothing of it reached the receiver (no connection): tried again, may be changed until then
  unknown,  ///< it may have arrived: tried again with the same id and text
  dead      ///< given up
};

std::string_view to_string(Outcome outcome);

struct DeliveryResult {
  std::string id;
  std::string channel;
  Outcome outcome = Outcome::sent;
  std::int64_t attempts = 0;  ///< of the message, those before this start included
  std::int64_t status = 0;    ///< of HTTP or SMTP; 0: none
  std::string error;  ///< for people, without secrets, path or query; of what was sent: who refused it
  std::int64_t next_due = 0;  ///< of what is tried again, Unix seconds
  double seconds = 0;         ///< that the attempt took
};

/// How a channel is doing.
struct ChannelFigures {
  std::size_t waiting = 0;   ///< messages, the one in flight included
  std::int64_t oldest = 0;   ///< when the oldest of these was created, Unix seconds; 0: none waits
  std::int64_t last_at = 0;  ///< Unix seconds of the last attempt; 0: there was none since the start
  Outcome last = Outcome::sent;
  std::int64_t last_status = 0;
  std::string last_error;
  std::uint64_t sent = 0;    ///< since the start
  std::uint64_t failed = 0;  ///< attempts that are tried again
  std::uint64_t dead = 0;
};

struct DeliverySettings {
  std::string public_url;  ///< of the page, without a slash at its end
  DestinationPolicy policy;
  std::string ca_file;  ///< authorities that TLS trusts; empty: the system's
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{15'000};  ///< of an attempt in all
  std::chrono::seconds state_interval{60};    ///< between posts to an Alertmanager
  /// Called by the service's thread.
  std::function<std::int64_t()> unix_now;                             ///< empty: the system's clock
  std::function<std::chrono::steady_clock::time_point()> steady_now;  ///< empty: the system's
  std::function<double()> jitter;                                     ///< from 0 to below 1; empty: random
};

/// What the service asks of others, from its own thread; may be empty.
struct DeliveryCallbacks {
  /// An attempt at a message ended. Once for each, before the next one of that message.
  std::function<void(const DeliveryResult&)> result;
  /// All that an Alertmanager is to know: open alarms and those that ended within 15 minutes.
  std::function<std::vector<AlarmNotice>()> state;
  /// Whether heartbeats may go: the server works as it should.
  std::function<bool()> healthy;
};

class DeliveryWorker;

/// Brings messages to their channels, at least once, by a thread of its own: up to 8 at a time, one a channel
/// and in order, so that one that does not answer delays no other. What fails is tried again after 1, 2, 4 to
/// 300 s (a quarter more or less), or as Retry-After asks, for 24 h; then it is dead. Keeps nothing on disk:
/// what waits is the caller's to submit again after a start. Thread-safe.
class DeliveryService {
 public:
  DeliveryService(DeliverySettings settings, DeliveryCallbacks callbacks);
  /// As stop().
  ~DeliveryService();
  DeliveryService(const DeliveryService&) = delete;
  DeliveryService& operator=(const DeliveryService&) = delete;

  /// The channels from now on. Before the first call messages wait. Those to a channel that is not among them
  /// die; those to one that is not enabled wait.
  void set_channels(std::shared_ptr<const std::vector<Channel>> channels);

  /// Takes a message, to be sent at its `due`. One whose id waits already is passed over. `may_have_arrived`:
  /// it was tried before this start, or may have been; it cannot be withdrawn then.
  void submit(Message message, bool may_have_arrived = false);

  /// Takes a message back, so that it may be changed. False if it is in flight, may have arrived, or is not
  /// there (any more).
  bool withdraw(const std::string& id);

  /// Sends a message of event "test" at once, whatever waits, and says what came of it: once, from the
  /// service's thread, or from stop(). A few at a time; more are refused.
  void test(Channel channel, std::function<void(const DeliveryResult&)> told);

  /// What an Alertmanager is to know has changed: it is posted at once instead of within a minute.
  void post_state();

  /// By the name of the channel: those that there are, and those that messages wait for.
  std::map<std::string, ChannelFigures> figures() const;

  /// Looks at the clocks anew: for a test that has set them.
  void wake();

  /// Ends the thread, within 2 s. What is in flight is not waited for: it may have arrived, and no result is
  /// told of it. What is submitted afterwards is passed over. May be called twice.
  void stop();

 private:
  std::unique_ptr<DeliveryWorker> worker_;
};

}  // namespace hostwatch::delivery
