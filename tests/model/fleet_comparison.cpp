// Comparison: answers of /fleet.
#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "protocol/catalogue.h"
#include "server/query/steps.h"
#include "tests/model/comparison.h"

namespace hostwatch::model {
namespace {

/// A host in an answer: its rows as one value each, rounded as they are.
struct Line {
  std::map<std::int64_t, double> averages;
  double maximum = 0;
};

struct Figures {
  double unit = 0;     ///< the last digit that averages have; 0: they have all
  double largest = 0;  ///< of all values: what the last bits are reckoned from
};

bool is_close(double got, double expected, double units, const Figures& figures) {
  return std::abs(got - expected) <= units * figures.unit + 1e-9 * std::max(figures.largest, figures.unit);
}

/// docs/api.md, "The fleet": the instances of a host's metric become one value a row.
Line line_of(const Rows& rows, const query::FleetRequest& request, query::Combine combine) {
  std::set<std::size_t> wanted;
  for (const auto& [time, row] : rows) {
    for (std::size_t series = 0; series < row.size(); ++series) {
      if (kSeries[series].metric == request.metric && row[series].count != 0) wanted.insert(series);
    }
  }
  const auto* known = protocol::find_metric(request.metric);
  const bool by_interface = known != nullptr && known->instance_label == "interface";
  const auto has = [&](std::string_view instance) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](std::size_t series) { return kSeries[series].instance == instance; });
  };
  // No host of the model tells what lies on what: lo is no traffic, and what goes through a tunnel goes over
  // eth0, unless nothing else is there.
  const bool is_once = by_interface && combine == query::Combine::sum;
  const bool without_lo = is_once && wanted.size() > 1;
  const bool without_tunnel = is_once && has("eth0");
  std::erase_if(wanted, [&](std::size_t series) {
    const std::string_view instance = kSeries[series].instance;
    if (request.instance) return instance != *request.instance;
    return (without_lo && instance == "lo") || (without_tunnel && instance == "tun0");
  });
  Line line;
  double highest_reading = -INFINITY;
  double highest_row = -INFINITY;
  for (const auto& [time, row] : rows) {
    std::optional<double> value;
    for (const std::size_t series : wanted) {
      if (row[series].count == 0) continue;
      const double average = row[series].average();
      if (!value)
        value = average;
      else
        value = combine == query::Combine::sum ? *value + average : std::max(*value, average);
      highest_reading = std::max(highest_reading, row[series].maximum);
    }
    if (!value) continue;
    highest_row = std::max(highest_row, *value);
    line.averages[time] = query::round_average(request.metric, *value);
  }
  line.maximum = combine == query::Combine::sum && wanted.size() > 1 ? highest_row : highest_reading;
  return line;
}

/// SQL's PERCENTILE_CONT.
double percentile(const std::vector<double>& ascending, double share) {
  const double position = share * static_cast<double>(ascending.size() - 1);
  const double below = std::floor(position);
  const auto at = static_cast<std::size_t>(below);
  const double next = ascending[std::min(at + 1, ascending.size() - 1)];
  return ascending[at] + (position - below) * (next - ascending[at]);
}

/// What the model makes of a question.
struct Expected {
  std::map<std::int64_t, std::vector<double>> rows;  ///< a value of each host that has one
  std::map<std::string, Line> lines;                 ///< of the hosts that have any
  Figures figures;
};

std::string text_of(double value) {
  std::ostringstream out;
  out.precision(17);
  out << value;
  return out.str();
}

void expect_close(const std::string& what, double got, double expected, const Figures& figures) {
  // Two values that were rounded either way, and what is made of them rounded once more.
  constexpr double kUnits = 1.6;
  if (!is_close(got, expected, kUnits, figures))
    throw Difference(what + " is " + text_of(got) + ", and should be " + text_of(expected));
}

void compare_row(const query::FleetBucket& got, std::vector<double> expected, const Figures& figures) {
  std::sort(expected.begin(), expected.end());
  if (got.count != expected.size())
    throw Difference("count is " + std::to_string(got.count) + ", and should be " +
                     std::to_string(expected.size()));
  expect_close("minimum", got.minimum, expected.front(), figures);
  expect_close("median", got.median, percentile(expected, 0.5), figures);
  expect_close("p95", got.p95, percentile(expected, 0.95), figures);
  expect_close("maximum", got.maximum, expected.back(), figures);
}

void compare_rows(const query::Fleet& got, const query::FleetRequest& request, const Expected& expected) {
  const std::set<std::int64_t> partial = rows_at_the_ends(request, got.step);
  std::map<std::int64_t, query::FleetBucket> buckets;
  for (const query::FleetBucket& bucket : got.buckets) buckets[bucket.timestamp] = bucket;
  if (buckets.size() != got.buckets.size()) throw Difference("a row is there twice");
  if (!request.step && static_cast<std::int64_t>(buckets.size()) > request.points)
    throw Difference(std::to_string(buckets.size()) + " rows");
  for (const auto& [time, bucket] : buckets) {
    if (!partial.contains(time) && !expected.rows.contains(time))
      throw Difference("a row of no host at " + std::to_string(time));
  }
  for (const auto& [time, values] : expected.rows) {
    if (partial.contains(time)) continue;
    const auto found = buckets.find(time);
    if (found == buckets.end()) throw Difference("the row at " + std::to_string(time) + " is missing");
    try {
      compare_row(found->second, values, expected.figures);
    } catch (const Difference& difference) {
      throw Difference("at " + std::to_string(time) + " " + difference.what());
    }
  }
}

/// Hosts that are as good as equal may stand in any order.
void compare_top(const query::Fleet& got, const query::FleetRequest& request, const Expected& expected) {
  if (got.hosts != expected.lines.size())
    throw Difference("hosts is " + std::to_string(got.hosts) + ", and should be " +
                     std::to_string(expected.lines.size()));
  if (got.top.size() != std::min(request.top, expected.lines.size()))
    throw Difference("top has " + std::to_string(got.top.size()));
  const bool by_average = request.by == query::FleetOrder::average;
  std::vector<double> order;
  for (const auto& [host, line] : expected.lines) {
    double sum = 0;
    for (const auto& [time, value] : line.averages) sum += value;
    const double average = sum / static_cast<double>(line.averages.size());
    order.push_back(by_average ? average : line.maximum);
    for (const query::FleetHost& named : got.top) {
      if (named.hostname != host) continue;
      expect_close("top: average of " + host, named.average, average, expected.figures);
      expect_close("top: maximum of " + host, named.maximum, line.maximum, expected.figures);
    }
  }
  std::sort(order.rbegin(), order.rend());
  for (std::size_t i = 0; i < got.top.size(); ++i) {
    expect_close("top: number " + std::to_string(i), by_average ? got.top[i].average : got.top[i].maximum,
                 order[i], expected.figures);
  }
}

}  // namespace

void Comparison::compare(const query::FleetRequest& request) const {
  const query::Fleet got = subject_.fleet(request);
  const query::Combine combine = request.combine.value_or(query::usual_combine(request.metric));
  const auto* known = protocol::find_metric(request.metric);
  Expected expected;
  expected.figures.unit = known == nullptr ? 0 : std::pow(10.0, -std::min(known->decimals + 1, 6));
  for (const auto& [host, levels] : levels_) {
    const auto& wanted = request.hostnames;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), host) == wanted.end()) continue;
    const Rows rows = model_.rows(host, levels, request.from, request.to + request.slack, got.step);
    for (const auto& [time, row] : rows) {
      for (std::size_t series = 0; series < row.size(); ++series) {
        if (kSeries[series].metric != request.metric || row[series].count == 0) continue;
        expected.figures.largest += std::max(std::abs(row[series].minimum), std::abs(row[series].maximum));
      }
    }
    Line line = line_of(rows, request, combine);
    for (const auto& [time, value] : line.averages) expected.rows[time].push_back(value);
    if (!line.averages.empty()) expected.lines[host] = std::move(line);
  }
  try {
    if (got.combine != combine) throw Difference("combined otherwise");
    if (request.step && got.step < *request.step) throw Difference("a shorter step");
    compare_rows(got, request, expected);
    if (rows_at_the_ends(request, got.step).empty()) compare_top(got, request, expected);
  } catch (const Difference& difference) {
    throw Difference("step " + std::to_string(got.step) + " of " + to_string(request) + ": " +
                     difference.what());
  }
}

}  // namespace hostwatch::model
