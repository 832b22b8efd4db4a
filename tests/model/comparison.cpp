#include "tests/model/comparison.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "protocol/catalogue.h"
#include "server/query/steps.h"
#include "tests/model/export_text.h"

namespace hostwatch::model {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;

template <typename... Parts>
[[noreturn]] void differ(const Parts&... parts) {
  std::ostringstream text;
  text.precision(17);
  (text << ... << parts);
  throw Difference(text.str());
}

std::string name_of(std::size_t series) {
  const auto& [metric, instance] = kSeries.at(series);
  return std::string(metric) + (instance.empty() ? "" : "{" + std::string(instance) + "}");
}

/// Half of the last digit that averages of the metric have; 0: they have all.
double half_a_unit(std::string_view metric) {
  const auto* known = protocol::find_metric(metric);
  return known == nullptr ? 0 : 0.5 * std::pow(10.0, -std::min(known->decimals + 1, 6));
}

bool is_close(double got, double expected, double unit, double largest) {
  return std::abs(got - expected) <= unit + 1e-9 * std::max(std::abs(largest), unit);
}

double largest_of(const Aggregate& values) {
  return std::max(std::abs(values.minimum), std::abs(values.maximum));
}

/// Rows that a range that begins or ends within a roll-up may have in part.
std::set<std::int64_t> rows_at_the_ends(const query::Selection& selection, std::int64_t step) {
  const std::int64_t resolution = resolution_of(step);
  const std::int64_t to = selection.to + selection.slack;
  std::set<std::int64_t> rows;
  if (resolution == 0) return rows;
  if (selection.from % resolution != 0) rows.insert(floor_to(selection.from, step));
  if ((to + 1) % resolution != 0) rows.insert(floor_to(to, step));
  return rows;
}

bool is_wanted(const query::HistoryRequest& request, std::string_view metric) {
  return request.all_metrics ||
         std::find(request.metrics.begin(), request.metrics.end(), metric) != request.metrics.end();
}

std::vector<std::string> hosts_of(const query::Selection& selection, const Model& model) {
  if (!selection.hostnames.empty()) return selection.hostnames;
  std::vector<std::string> names;
  for (const auto& [name, history] : model.hosts) names.push_back(name);
  return names;
}

/// From the newest back, as long as the times are the same: the beginning of the step behind the first that
/// is not; INT64_MIN: all are.
std::int64_t same_from(const std::vector<std::int64_t>& got, const std::vector<std::int64_t>& expected,
                       std::int64_t step) {
  auto a = got.rbegin();
  auto b = expected.rbegin();
  while (a != got.rend() && b != expected.rend() && *a == *b) ++a, ++b;
  if (a == got.rend() && b == expected.rend()) return INT64_MIN;
  const std::int64_t last = std::max(a == got.rend() ? INT64_MIN : *a, b == expected.rend() ? INT64_MIN : *b);
  return floor_to(last, step) + step;
}

std::vector<std::int64_t> floored(const Model::History& history, std::int64_t step) {
  std::vector<std::int64_t> times;
  for (const auto& [time, reading] : history) {
    const std::int64_t floor = floor_to(time, step);
    if (times.empty() || times.back() != floor) times.push_back(floor);
  }
  return times;
}

std::int64_t hour_from(std::int64_t time) {
  return time == INT64_MIN ? time : floor_to(time + kHour - 1, kHour);
}

}  // namespace

std::string to_string(const query::HistoryRequest& request) {
  std::ostringstream text;
  text << "/data?from=" << request.from << "&to=" << request.to + request.slack;
  for (const std::string& host : request.hostnames) text << "&hostname=" << host;
  if (request.step) text << "&step=" << *request.step;
  if (!request.step) text << "&points=" << request.points;
  text << "&metrics=";
  if (request.all_metrics) text << "*";
  for (const std::string& metric : request.metrics) text << metric << ",";
  return text.str();
}

std::string to_string(const query::FleetRequest& request) {
  std::ostringstream text;
  text << "/fleet?metric=" << request.metric << "&from=" << request.from
       << "&to=" << request.to + request.slack;
  for (const std::string& host : request.hostnames) text << "&hostname=" << host;
  if (request.step) text << "&step=" << *request.step;
  if (!request.step) text << "&points=" << request.points;
  if (request.instance) text << "&instance=" << *request.instance;
  if (request.combine) text << "&combine=" << query::to_string(*request.combine);
  text << "&top=" << request.top
       << "&by=" << (request.by == query::FleetOrder::average ? "average" : "maximum");
  return text.str();
}

const Levels& Comparison::levels_of(const std::string& host) const {
  static const Levels all;
  const auto found = levels_.find(host);
  return found == levels_.end() ? all : found->second;
}

query::HistoryRequest Comparison::all_of(const std::string& host, std::int64_t step) const {
  query::HistoryRequest request;
  request.hostnames = {host};
  const Model::History& history = model_.hosts.at(host);
  request.from = std::max(floor_to(history.begin()->first, 7 * 86400), subject_.earliest());
  request.to = floor_to(history.rbegin()->first, 7 * 86400) + 14 * 86400 - 1;
  request.step = step;
  request.all_metrics = true;
  return request;
}

void Comparison::learn(const std::string& host, const Allowed& allowed) {
  levels_.erase(host);
  allowed_ = allowed;
  const auto known = model_.hosts.find(host);
  if (known == model_.hosts.end() || known->second.empty()) return;
  const Model::History& history = known->second;
  std::map<std::int64_t, query::HostHistory> answers;  // by step
  for (const std::int64_t step : {std::int64_t{0}, kMinute, kHour}) {
    query::History got = subject_.history(all_of(host, step), subject_.formats().front());
    if (!got.hosts.empty()) answers[step] = std::move(got.hosts.front());
  }
  Levels levels;
  levels.readings = same_from(answers[0].timestamps, floored(history, 1), kMinute);
  levels.minutes = same_from(answers[kMinute].timestamps, floored(history, kMinute), kHour);
  levels.hours = same_from(answers[kHour].timestamps, floored(history, kHour), kHour);
  for (const std::int64_t time : answers[0].timestamps) {
    if (time >= levels.readings) break;
    const std::int64_t stands_for = time >= levels.minutes ? kMinute : kHour;
    if (time % stands_for != 0) levels.loose.insert(time);
  }
  levels_[host] = levels;

  const auto expect_by = [&](const char* what, std::int64_t begin, std::int64_t at_latest) {
    if (begin > at_latest)
      differ(host, ": ", what, " begin at ", begin, ", and should at ", at_latest, " or before");
  };
  expect_by("readings", levels.readings, hour_from(allowed.readings));
  expect_by("minutes", levels.minutes, hour_from(allowed.minutes));
  expect_by("hours", levels.hours, hour_from(allowed.hours));
  expect_by("minutes (after readings)", levels.minutes, hour_from(levels.readings));
  expect_by("hours (after minutes)", levels.hours, hour_from(levels.minutes));
  for (const std::int64_t step : {std::int64_t{0}, kMinute, kHour}) {
    compare_host(all_of(host, step), step, host, answers.contains(step) ? &answers[step] : nullptr);
  }
}

void Comparison::compare_host(const query::HistoryRequest& request, std::int64_t step,
                              const std::string& host, const query::HostHistory* got,
                              bool has_only_values) const {
  const Levels& levels = levels_of(host);
  const std::int64_t to = request.to + request.slack;
  Rows expected = model_.rows(host, levels, request.from, to, step);
  const std::set<std::int64_t> partial = rows_at_the_ends(request, step);
  const bool are_averages =
      step != 0 || request.from < std::max({levels.readings, levels.minutes, allowed_.readings});
  static const query::HostHistory none;
  const query::HostHistory& answer = got == nullptr ? none : *got;
  const auto where = [&](std::int64_t time) {
    return host + " at " + std::to_string(time) + ", step " + std::to_string(step) + " of " +
           to_string(request) + ": ";
  };

  if (has_only_values) {
    std::erase_if(expected, [&](const auto& one) {
      for (std::size_t number = 0; number < kSeries.size(); ++number) {
        if (one.second[number].count != 0 && is_wanted(request, kSeries[number].metric)) return false;
      }
      return true;
    });
  }

  std::vector<const query::SeriesHistory*> columns(kSeries.size(), nullptr);
  for (const query::SeriesHistory& series : answer.series) {
    const std::size_t number = series_number(series.metric, series.instance);
    if (!is_wanted(request, series.metric)) differ(where(0), name_of(number), " was not asked for");
    if (columns[number] != nullptr) differ(where(0), name_of(number), " is there twice");
    columns[number] = &series;
    const auto& average = series.average;
    if (std::all_of(average.begin(), average.end(), [](double value) { return std::isnan(value); }))
      if (!std::getenv("NO_EMPTY")) differ(where(0), "[series without a value] ", name_of(number));
  }

  auto row = expected.begin();
  for (std::size_t i = 0; i <= answer.timestamps.size(); ++i) {
    const std::int64_t time = i < answer.timestamps.size() ? answer.timestamps[i] : INT64_MAX;
    if (i > 0 && i < answer.timestamps.size() && time <= answer.timestamps[i - 1])
      differ(where(time), "times do not ascend");
    while (row != expected.end() && row->first < time && partial.contains(row->first)) ++row;
    if (row != expected.end() && row->first < time) differ(where(row->first), "the row is missing");
    if (i == answer.timestamps.size()) break;
    if (partial.contains(time)) {
      if (row != expected.end() && row->first == time) ++row;
      continue;
    }
    if (row == expected.end() || row->first != time) differ(where(time), "a row of no reading");
    for (std::size_t number = 0; number < kSeries.size(); ++number) {
      const Aggregate& values = row->second[number];
      const query::SeriesHistory* column = columns[number];
      const double average = column == nullptr ? NAN : column->average.at(i);
      if (!is_wanted(request, kSeries[number].metric)) continue;
      if (std::isnan(average) != (values.count == 0))
        differ(where(time), name_of(number), " is ", average, " of ", values.count, " readings");
      if (values.count == 0) continue;
      const double unit = are_averages ? half_a_unit(kSeries[number].metric) : 0;
      const double largest = are_averages ? largest_of(values) : 0;
      if (!is_close(average, values.average(), unit, largest)) {
        differ(where(time), name_of(number), " is ", average, ", and should be ", values.average(), " of ",
               values.count, " readings");
      }
      if (column->minimum.empty() || column->maximum.empty()) continue;
      if (column->minimum.at(i) != values.minimum || column->maximum.at(i) != values.maximum) {
        differ(where(time), name_of(number), " is from ", column->minimum[i], " to ", column->maximum[i],
               ", and should be from ", values.minimum, " to ", values.maximum, " of ", values.count,
               " readings");
      }
    }
    ++row;
  }
}

void Comparison::compare(const query::HistoryRequest& request, const std::string& format) const {
  const query::History got = subject_.history(request, format);
  const std::vector<std::string> hosts = hosts_of(request, model_);
  if (request.step && got.step != *request.step)
    differ("step ", got.step, " in the answer to ", to_string(request));
  std::size_t expected_hosts = 0;
  for (const std::string& host : hosts) {
    const auto found = std::find_if(got.hosts.begin(), got.hosts.end(),
                                    [&](const query::HostHistory& one) { return one.hostname == host; });
    if (found != got.hosts.end()) {
      ++expected_hosts;
      if (!std::getenv("NO_POINTS") && !request.step &&
          static_cast<std::int64_t>(found->timestamps.size()) > request.points) {
        differ("[points] ", found->timestamps.size(), " rows of ", host, " at step ", got.step,
               " in the answer to ", to_string(request));
      }
    }
    compare_host(request, got.step, host, found == got.hosts.end() ? nullptr : &*found, format == "long");
  }
  if (expected_hosts != got.hosts.size())
    differ("hosts that were not asked for in the answer to ", to_string(request));
}

/// What minutes and hours tell may look as readings do where each has one alone: so what is missing is wrong
/// only where readings have to be there.
void Comparison::compare_export(const Allowed& allowed) const {
  const std::map<std::string, Model::History> got = subject_.exported();
  for (const auto& [host, history] : got) {
    const auto known = model_.hosts.find(host);
    if (known == model_.hosts.end()) differ("export has the unknown host ", host);
    for (const auto& [time, reading] : history) {
      const auto expected = known->second.find(time);
      if (expected == known->second.end())
        differ("export has a reading of ", host, " at ", time, " that never was");
      if (expected->second != reading) differ("export has other values of ", host, " at ", time);
    }
  }
  for (const auto& [host, levels] : levels_) {
    const auto exported = got.find(host);
    const Model::History& history = model_.hosts.at(host);
    const std::int64_t first = std::max(levels.readings, allowed.readings);
    for (auto reading = history.lower_bound(first); reading != history.end(); ++reading) {
      if (exported == got.end() || !exported->second.contains(reading->first))
        differ("export has no reading of ", host, " at ", reading->first);
    }
    for (const std::int64_t time : levels.loose) {
      if (exported == got.end() || !exported->second.contains(time))
        differ("export has no reading of ", host, " at ", time);
    }
  }
}

}  // namespace hostwatch::model
