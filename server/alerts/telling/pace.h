#pragma once

#include <cstdint>
#include <deque>

namespace hostwatch::alerts {

/// How often a channel gets messages: the first to a quiet one at once, what follows within kGroupSeconds
/// together when these are over; after kManyMessages within kManySeconds one each kDigestSeconds, until it is
/// quiet for as long. Times are Unix seconds. For one thread.
class Pace {
 public:
  static constexpr std::int64_t kGroupSeconds = 30;
  static constexpr std::int64_t kDigestSeconds = 60;
  static constexpr std::int64_t kManySeconds = 300;
  static constexpr std::size_t kManyMessages = 10;

  bool may_tell(std::int64_t now) const { return now >= next_; }
  /// When it may be told again.
  std::int64_t next() const { return next_; }

  /// A message is made.
  void told(std::int64_t now) {
    if (now >= next_ + kDigestSeconds) is_digest_ = false;
    while (!recent_.empty() && recent_.front() <= now - kManySeconds) recent_.pop_front();
    recent_.push_back(now);
    if (recent_.size() >= kManyMessages) is_digest_ = true;
    next_ = now + (is_digest_ ? kDigestSeconds : kGroupSeconds);
  }

  /// The clock was set back: nobody waits for the time that it showed.
  void clock_set_back() {
    recent_.clear();
    next_ = INT64_MIN / 2;
  }

 private:
  std::deque<std::int64_t> recent_;
  std::int64_t next_ = INT64_MIN / 2;
  bool is_digest_ = false;
};

}  // namespace hostwatch::alerts
