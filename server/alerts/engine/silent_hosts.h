#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>

namespace hostwatch::alerts {

/// Tells a fleet that goes silent from single hosts: more than five, and more than a fifth of those that were
/// up, within a minute. Seconds are of the steady clock. Not thread-safe.
class SilentHosts {
 public:
  /// The host was up, and is silent from now on.
  void add(const std::string& host, std::int64_t steady);
  /// It is heard again, or gone.
  void remove(const std::string& host);

  /// `up`: hosts that are up just now. To be called each second.
  void judge(std::size_t up, std::int64_t steady);

  /// How many of those that went together are silent; 0: none went together, or most are back.
  std::size_t many() const { return is_many_ ? together_.size() : 0; }
  /// Messages about single hosts wait: until some minutes after it is over.
  bool holds_back(std::int64_t steady) const { return is_many_ || steady < holds_back_until_; }

  void clear();

 private:
  struct Gone {
    std::string host;
    std::int64_t at;
  };
  std::deque<Gone> recent_;  ///< of the last minute, still silent
  std::set<std::string> together_;
  std::size_t least_ = 0;  ///< more than that were too many, when it began
  bool is_many_ = false;
  std::int64_t holds_back_until_ = INT64_MIN;
};

}  // namespace hostwatch::alerts
