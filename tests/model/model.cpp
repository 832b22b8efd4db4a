#include "tests/model/model.h"
#include "tests/model/times.h"

#include <algorithm>

namespace hostwatch::model {
namespace {}  // namespace

std::int64_t floor_to(std::int64_t time, std::int64_t step) {
  const std::int64_t rest = time % step;
  return rest < 0 ? time - rest - step : time - rest;
}

std::int64_t resolution_of(std::int64_t step) {
  if (step == 0 || step % kMinute != 0) return 0;
  return step % kHour == 0 ? kHour : kMinute;
}

void Aggregate::add(double value) {
  ++count;
  sum += value;
  minimum = std::min(minimum, value);
  maximum = std::max(maximum, value);
}

std::optional<std::int64_t> Levels::counts_at(std::int64_t time, std::int64_t resolution) const {
  const std::int64_t minute = floor_to(time, kMinute);
  const std::int64_t hour = floor_to(time, kHour);
  const bool is_told_as_it_came = time >= readings || loose.contains(time);
  if (resolution == 0 && is_told_as_it_came) return time;
  if (resolution == kMinute && (minute >= minutes || is_told_as_it_came)) return minute;
  if (resolution == 0 && minute >= minutes) return minute;
  return hour >= hours ? std::optional(hour) : std::nullopt;
}

Rows Model::rows(const std::string& host, const Levels& levels, std::int64_t from, std::int64_t to,
                 std::int64_t step) const {
  Rows rows;
  const auto history = hosts.find(host);
  if (history == hosts.end()) return rows;
  const std::int64_t resolution = resolution_of(step);
  const auto end = history->second.lower_bound(to + kHour);
  for (auto reading = history->second.lower_bound(from); reading != end; ++reading) {
    const auto time = levels.counts_at(reading->first, resolution);
    if (!time || *time < from || *time > to) continue;
    Row& row = rows[step == 0 ? *time : floor_to(*time, step)];
    for (const auto& [series, value] : reading->second) row[series].add(value);
  }
  return rows;
}

}  // namespace hostwatch::model
