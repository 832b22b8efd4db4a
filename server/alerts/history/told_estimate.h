#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "server/alerts/history/host_replay.h"
#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// How many messages one channel would have had: those that fire, rise and end, and repeats until `to`; the
/// first at once, what follows within half a minute together. Without silences, acknowledgements, and hosts
/// that were down. Pure.
class ToldEstimate {
 public:
  explicit ToldEstimate(const Rule& rule, std::int64_t to) : repeat_(rule.repeat), to_(to) {}

  void add(const FoundAlarm& alarm);
  std::uint64_t messages();

 private:
  void add_repeats(const FoundAlarm& alarm, std::int64_t until);

  std::optional<std::int64_t> repeat_;
  std::int64_t to_;
  std::vector<std::int64_t> times_;
};

}  // namespace hostwatch::alerts
