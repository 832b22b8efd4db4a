#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "protocol/layout.h"
#include "server/alerts/evaluation/evaluator.h"

namespace hostwatch::alerts {

/// When a host was silent, by the gaps between its readings, as readings of the signal host_silent. A server
/// that was away itself looks the same. Not thread-safe.
class SilenceFeed {
 public:
  /// `patience`: seconds after which it was silent. `longest`: a gap is told of for so many seconds, which
  /// must do for every `for`; and afterwards what comes for so long.
  SilenceFeed(std::int64_t patience, std::int64_t longest) : patience_(patience), longest_(longest) {}

  /// It was heard. `visit(reading)` is called in order of time.
  template <typename Visit>
  void heard(std::int64_t at, const Visit& visit) {
    if (previous_ != INT64_MIN && at - previous_ > patience_) {
      tell_of_gap(at, visit);
      follow_until_ = at + longest_;
    }
    previous_ = at;
    if (at <= follow_until_) visit(view(at, 0));
  }
  /// Nothing came until then.
  template <typename Visit>
  void end(std::int64_t at, const Visit& visit) {
    if (previous_ != INT64_MIN && at - previous_ > patience_) tell_of_gap(at + 1, visit);
  }

 private:
  static constexpr std::int64_t kStep = 10;

  template <typename Visit>
  void tell_of_gap(std::int64_t before, const Visit& visit) {
    const std::int64_t begin = previous_ + patience_ + 1;
    const std::int64_t end = std::min(before, begin + longest_);
    for (std::int64_t at = begin; at < end; at += kStep) visit(view(at, 1));
  }
  ReadingView view(std::int64_t at, double is_silent) {
    value_ = is_silent;
    return {.at = at, .layout = layout_, .values = std::span(&value_, 1)};
  }
  static protocol::SharedLayout make_layout() {
    auto layout = std::make_shared<protocol::Layout>();
    layout->push_back(kHostSilent, {});
    return layout;
  }

  std::int64_t patience_;
  std::int64_t longest_;
  std::int64_t previous_ = INT64_MIN;
  std::int64_t follow_until_ = INT64_MIN;
  double value_ = 0;
  protocol::SharedLayout layout_ = make_layout();
};

}  // namespace hostwatch::alerts
