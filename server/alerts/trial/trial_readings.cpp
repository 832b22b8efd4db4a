#include "server/alerts/trial/trial_readings.h"

#include <algorithm>
#include <optional>

namespace hostwatch::alerts {
namespace {

struct Basic {
  const char* metric;
  double protocol::Reading::*value;
};
constexpr Basic kBasics[] = {
    {"cpu", &protocol::Reading::cpu}, {"ram", &protocol::Reading::ram}, {"disk", &protocol::Reading::disk}};

const Basic* basic_of(const TrialSeries& series) {
  for (const Basic& basic : kBasics) {
    if (series.metric == basic.metric && series.instance.empty()) return &basic;
  }
  return nullptr;
}

/// Nothing: the host sends none.
std::optional<protocol::Reading> reading_of(const TrialHost& host, std::size_t index, std::int64_t interval) {
  protocol::Reading reading{host.name, 0, 1, 1, 1, {}, std::nullopt};
  bool has_any = false;
  for (const TrialSeries& series : host.series) {
    const Basic* const basic = basic_of(series);
    const std::optional<double> value = index < series.values.size() ? series.values[index] : std::nullopt;
    if (!value && basic != nullptr) return std::nullopt;
    if (!value) continue;
    has_any = true;
    if (basic != nullptr) {
      reading.*(basic->value) = *value;
    } else {
      reading.samples.push_back({series.metric, series.instance, *value});
    }
  }
  if (!has_any) return std::nullopt;
  reading.facts.emplace();
  reading.facts->interval_seconds = interval;
  reading.facts->tags = host.tags;
  return reading;
}

/// How far the host's clock is off then.
std::int64_t clock_offset(const Trial& trial, const std::string& host, std::int64_t at) {
  std::int64_t offset = 0;
  for (const TrialClockStep& step : trial.clock_steps) {
    if (step.host == host && at >= step.at) offset = step.by;
  }
  return offset;
}

std::int64_t arrival(const Trial& trial, const std::string& host, std::int64_t at) {
  for (const TrialDelay& delay : trial.delays) {
    if (delay.host == host && at >= delay.from && at < delay.to) return delay.arrives;
  }
  return at;
}

std::size_t longest_series(const TrialHost& host) {
  std::size_t longest = 0;
  for (const TrialSeries& series : host.series) longest = std::max(longest, series.values.size());
  return longest;
}

}  // namespace

std::map<std::int64_t, std::vector<protocol::ReceivedReading>> trial_readings(const Trial& trial,
                                                                              std::int64_t begin) {
  std::map<std::int64_t, std::vector<protocol::Reading>> readings;
  for (const TrialHost& host : trial.hosts) {
    for (std::size_t i = 0; i < longest_series(host); ++i) {
      auto reading = reading_of(host, i, trial.interval);
      if (!reading) continue;
      const std::int64_t at = static_cast<std::int64_t>(i) * trial.interval;
      reading->timestamp = begin + at + clock_offset(trial, host.name, at);
      readings[begin + arrival(trial, host.name, at)].push_back(std::move(*reading));
    }
  }
  std::map<std::int64_t, std::vector<protocol::ReceivedReading>> received;
  for (const auto& [arrives, all] : readings) {
    auto& here = received[arrives] = protocol::received(all);
    for (protocol::ReceivedReading& one : here) {
      one.sent = arrives + clock_offset(trial, one.hostname, arrives - begin);
    }
  }
  return received;
}

std::int64_t trial_length(const Trial& trial) {
  std::size_t longest = 0;
  for (const TrialHost& host : trial.hosts) longest = std::max(longest, longest_series(host));
  std::int64_t length = static_cast<std::int64_t>(longest) * trial.interval;
  for (const TrialDelay& delay : trial.delays) length = std::max(length, delay.arrives + 1);
  return length;
}

}  // namespace hostwatch::alerts
