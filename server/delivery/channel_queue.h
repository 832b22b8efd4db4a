#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/delivery/message.h"
#include "server/delivery/retry.h"

namespace hostwatch::delivery {

/// What the clocks say, read together.
struct Moment {
  std::int64_t unix_time = 0;
  SteadyTime steady;
};

/// The messages that wait for one channel, in order: an end never comes before its beginning. One that is not
/// due yet, or that the receiver has refused three times while it takes others, is passed by those that tell
/// of other alarms. Waits go by the steady clock, so that one that jumps neither delays nor kills. Knows no
/// network. Not thread-safe.
class ChannelQueue {
 public:
  struct Item {
    Message message;
    bool may_have_arrived = false;
    bool in_flight = false;
    int tries = 0;              ///< since the start
    bool was_answered = false;  ///< the last time, though not taken
    SteadyTime not_before;
    SteadyTime dies;                    ///< one last attempt then
    std::set<std::size_t> done;         ///< of its requests, those that arrived or never will
    bool is_partly_sent = false;        ///< one of them arrived
    std::vector<std::string> refusals;  ///< of those that never will
  };

  /// False if one of that id is there.
  bool add(Message message, bool may_have_arrived, const Moment& now);

  /// False if there is none of that id, or it may have arrived.
  bool withdraw(const std::string& id);

  /// The next message to be sent now, which is in flight from then on; null if there is none or one is in
  /// flight.
  Item* next(const Moment& now);

  /// What came of it; a success or a dead letter is out of the queue then. `jitter` as retry_delay() has it.
  DeliveryResult finish(const AttemptEnd& end, const Moment& now, double jitter);

  /// What is in flight, if anything is, is as if it had not been tried.
  void release() noexcept;

  /// All requests of messages are to be sent again: the channel is another one.
  void forget_parts();

  /// The message in flight, or null.
  Item* in_flight() { return in_flight_; }

  /// When next() may give something; nothing if nothing waits or one is in flight.
  std::optional<SteadyTime> wake() const;

  /// What waits and is not in flight, all of it, given up.
  std::vector<DeliveryResult> give_up(const std::string& why);

  /// What was attempted outside of the queue ended so: whether the receiver is there.
  void note(Outcome outcome, const Moment& now, double jitter,
            std::optional<std::chrono::seconds> retry_after = std::nullopt);
  /// Nothing is sent before.
  void rest_until(SteadyTime time) { rest_until_ = std::max(rest_until_, time); }

  int failures() const { return failures_; }  ///< of attempts, in a row
  std::size_t size() const { return items_.size(); }
  std::int64_t oldest() const;  ///< creation of the oldest, Unix seconds; 0: there is none

 private:
  using Items = std::list<Item>;
  Items::const_iterator find_next(SteadyTime now) const;
  void erase(Items::iterator item);

  Items items_;
  std::unordered_map<std::string, Items::iterator> by_id_;
  Item* in_flight_ = nullptr;
  int failures_ = 0;
  SteadyTime rest_until_;
};

}  // namespace hostwatch::delivery
