#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostwatch::agent {

/// Says in the log that a value is made in another way than usual, and why: once, and not again while the
/// reason is met at least once an hour. Not thread-safe.
class FallbackLog {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A reason that was not met for so long counts as new.
  static constexpr std::chrono::hours kForgottenAfter{1};

  /// `value`: what is made in another way, for the log ("cpu").
  explicit FallbackLog(std::string value) : value_(std::move(value)) {}

  /// The reason is met now. `why` tells it and what is done instead, for one reason always in the same words.
  void note(Time now, std::string_view why);

 private:
  struct Met {
    std::string why;
    Time last;
  };

  std::string value_;
  std::vector<Met> met_;
};

}  // namespace hostwatch::agent
