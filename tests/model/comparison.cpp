#include "tests/model/comparison.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "protocol/catalogue.h"
#include "server/query/steps.h"
#include "tests/model/export_text.h"
#include "tests/model/times.h"

namespace hostwatch::model {
namespace {

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

/// The beginnings of the steps that have readings, from a time on.
std::vector<std::int64_t> steps_of(const Model::History& history, std::int64_t step, std::int64_t from) {
  std::vector<std::int64_t> times;
  for (const auto& [time, reading] : history) {
    const std::int64_t floor = floor_to(time, step);
    if (floor >= from && (times.empty() || times.back() != floor)) times.push_back(floor);
  }
  return times;
}

std::int64_t hour_from(std::int64_t time) {
  return time == INT64_MIN ? time : floor_to(time + kHour - 1, kHour);
}

}  // namespace

std::set<std::int64_t> rows_at_the_ends(const query::Selection& selection, std::int64_t step) {
  const std::int64_t resolution = resolution_of(step);
  const std::int64_t to = selection.to + selection.slack;
  std::set<std::int64_t> rows;
  if (resolution == 0) return rows;
  if (selection.from % resolution != 0) rows.insert(floor_to(selection.from, step));
  if ((to + 1) % resolution != 0) rows.insert(floor_to(to, step));
  return rows;
}

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
  if (subject_.earliest() > all_of(host, 0).to) return;  // nothing of it is told any more
  struct Asked {
    query::HistoryRequest request;
    query::HostHistory answer;
  };
  std::map<std::int64_t, Asked> asked;  // by step
  Levels levels;
  // Where the question is cut, the row that is cut tells nothing of where a level begins.
  const auto begin_of = [&](std::int64_t step, std::int64_t row, std::int64_t unit) {
    const query::HistoryRequest& request = (asked[step].request = all_of(host, step));
    query::History got = subject_.history(request, subject_.formats().front());
    if (!got.hosts.empty()) asked[step].answer = std::move(got.hosts.front());
    std::vector<std::int64_t> times = asked[step].answer.timestamps;
    std::erase_if(times, [&](std::int64_t time) { return time < request.from; });
    return same_from(times, steps_of(history, row, request.from), unit);
  };
  levels.readings = begin_of(0, 1, kMinute);
  levels.minutes = begin_of(kMinute, kMinute, kHour);
  levels.hours = begin_of(kHour, kHour, kHour);
  for (const std::int64_t time : asked[0].answer.timestamps) {
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
  for (const auto& [step, one] : asked) compare_host(one.request, step, host, &one.answer);
}

namespace {

using Columns = std::vector<const query::SeriesHistory*>;

/// The series of an answer by their places in kSeries; null: not there.
Columns columns_of(const query::HostHistory& answer, const query::HistoryRequest& request) {
  Columns columns(kSeries.size(), nullptr);
  for (const query::SeriesHistory& series : answer.series) {
    const std::size_t number = series_number(series.metric, series.instance);
    const auto fail = [&](const char* what) {
      differ(name_of(number), " of ", answer.hostname, " ", what, " in the answer to ", to_string(request));
    };
    if (!is_wanted(request, series.metric)) fail("was not asked for");
    if (columns[number] != nullptr) fail("is there twice");
    const auto is_missing = [](double value) { return std::isnan(value); };
    if (std::all_of(series.average.begin(), series.average.end(), is_missing)) fail("has no value");
    columns[number] = &series;
  }
  return columns;
}

/// One value of a row, the i-th. `are_averages`: it may have been rounded.
void compare_value(const query::SeriesHistory* column, std::size_t i, const Aggregate& expected,
                   std::size_t number, bool are_averages) {
  const double average = column == nullptr ? NAN : column->average.at(i);
  if (std::isnan(average) != (expected.count == 0))
    differ(name_of(number), " is ", average, " of ", expected.count, " readings");
  if (expected.count == 0) return;
  const double unit = are_averages ? half_a_unit(kSeries[number].metric) : 0;
  if (!is_close(average, expected.average(), unit, are_averages ? largest_of(expected) : 0)) {
    differ(name_of(number), " is ", average, ", and should be ", expected.average(), " of ", expected.count,
           " readings");
  }
  if (column->minimum.empty() || column->maximum.empty()) return;
  if (column->minimum.at(i) != expected.minimum || column->maximum.at(i) != expected.maximum) {
    differ(name_of(number), " is from ", column->minimum[i], " to ", column->maximum[i],
           ", and should be from ", expected.minimum, " to ", expected.maximum, " of ", expected.count,
           " readings");
  }
}

}  // namespace

void Comparison::compare_host(const query::HistoryRequest& request, std::int64_t step,
                              const std::string& host, const query::HostHistory* got,
                              bool has_only_values) const {
  const Levels& levels = levels_of(host);
  Rows expected = model_.rows(host, levels, request.from, request.to + request.slack, step);
  if (has_only_values) {
    std::erase_if(expected, [&](const auto& row) {
      for (std::size_t number = 0; number < kSeries.size(); ++number) {
        if (row.second[number].count != 0 && is_wanted(request, kSeries[number].metric)) return false;
      }
      return true;
    });
  }
  static const query::HostHistory none;
  const query::HostHistory& answer = got == nullptr ? none : *got;
  const Columns columns = columns_of(answer, request);
  const bool are_averages =
      step != 0 || request.from < std::max({levels.readings, levels.minutes, allowed_.readings});
  const std::set<std::int64_t> partial = rows_at_the_ends(request, step);
  std::map<std::int64_t, std::size_t> places;
  for (std::size_t i = 0; i < answer.timestamps.size(); ++i) places[answer.timestamps[i]] = i;

  std::int64_t time = 0;
  try {
    if (!std::is_sorted(answer.timestamps.begin(), answer.timestamps.end()) ||
        places.size() != answer.timestamps.size())
      differ("times do not ascend");
    for (const auto& [row, i] : places) {
      time = row;
      if (!partial.contains(time) && !expected.contains(time)) differ("a row of no reading");
    }
    for (const auto& [row, values] : expected) {
      time = row;
      if (partial.contains(time)) continue;
      const auto place = places.find(time);
      if (place == places.end()) differ("the row is missing");
      for (std::size_t number = 0; number < kSeries.size(); ++number) {
        if (!is_wanted(request, kSeries[number].metric)) continue;
        compare_value(columns[number], place->second, values[number], number, are_averages);
      }
    }
  } catch (const Difference& difference) {
    differ(host, " at ", time, ", step ", step, " of ", to_string(request), ": ", difference.what());
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
      if (!request.step && static_cast<std::int64_t>(found->timestamps.size()) > request.points) {
        differ("", found->timestamps.size(), " rows of ", host, " at step ", got.step, " in the answer to ",
               to_string(request));
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
