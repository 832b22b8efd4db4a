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
  double unit;     ///< the last digit that averages have; 0: they have all
  double largest;  ///< of all values: what the last bits are reckoned from
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
  const bool without_lo = by_interface && combine == query::Combine::sum && wanted.size() > 1;
  std::erase_if(wanted, [&](std::size_t series) {
    const std::string_view instance = kSeries[series].instance;
    return request.instance ? instance != *request.instance : without_lo && instance == "lo";
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

}  // namespace

void Comparison::compare(const query::FleetRequest& request) const {
  const query::Fleet got = subject_.fleet(request);
  const auto differ = [&](const std::string& what) {
    throw Difference(what + " at step " + std::to_string(got.step) + " of " + to_string(request));
  };
  const auto text = [](double value) {
    std::ostringstream out;
    out.precision(17);
    out << value;
    return out.str();
  };
  const query::Combine combine = request.combine.value_or(query::usual_combine(request.metric));
  if (got.combine != combine) differ("combine");
  if (request.step && got.step < *request.step) differ("a shorter step");
  const std::int64_t to = request.to + request.slack;
  std::vector<std::string> hosts = request.hostnames;
  if (hosts.empty()) {
    for (const auto& [name, history] : model_.hosts) hosts.push_back(name);
  }
  std::sort(hosts.begin(), hosts.end());

  const auto* known = protocol::find_metric(request.metric);
  Figures figures{known == nullptr ? 0 : std::pow(10.0, -std::min(known->decimals + 1, 6)), 0};
  std::map<std::int64_t, std::vector<double>> expected;
  std::map<std::string, Line> lines;
  for (const std::string& host : hosts) {
    const auto levels = levels_.find(host);
    if (levels == levels_.end()) continue;
    const Rows rows = model_.rows(host, levels->second, request.from, to, got.step);
    for (const auto& [time, row] : rows) {
      for (std::size_t series = 0; series < row.size(); ++series) {
        if (kSeries[series].metric != request.metric || row[series].count == 0) continue;
        figures.largest += std::max(std::abs(row[series].minimum), std::abs(row[series].maximum));
      }
    }
    Line line = line_of(rows, request, combine);
    for (const auto& [time, value] : line.averages) expected[time].push_back(value);
    if (!line.averages.empty()) lines[host] = std::move(line);
  }

  // Rows at the ends may have all, some or none of a minute or an hour.
  const std::int64_t resolution = resolution_of(got.step);
  std::set<std::int64_t> partial;
  if (resolution != 0 && request.from % resolution != 0) partial.insert(floor_to(request.from, got.step));
  if (resolution != 0 && (to + 1) % resolution != 0) partial.insert(floor_to(to, got.step));

  std::map<std::int64_t, query::FleetBucket> buckets;
  for (const query::FleetBucket& bucket : got.buckets) buckets[bucket.timestamp] = bucket;
  if (buckets.size() != got.buckets.size()) differ("a row that is there twice");
  if (!std::getenv("NO_POINTS") && !request.step &&
      static_cast<std::int64_t>(buckets.size()) > request.points)
    differ("[points] " + std::to_string(buckets.size()) + " rows");
  for (const auto& [time, bucket] : buckets) {
    if (!partial.contains(time) && !expected.contains(time))
      differ("a row of no host, " + std::to_string(time));
  }
  for (auto& [time, values] : expected) {
    if (partial.contains(time)) continue;
    const std::string at = " at " + std::to_string(time);
    const auto found = buckets.find(time);
    if (found == buckets.end()) differ("the row is missing" + at);
    const query::FleetBucket& bucket = found->second;
    std::sort(values.begin(), values.end());
    if (bucket.count != values.size())
      differ("count " + std::to_string(bucket.count) + " of " + std::to_string(values.size()) + at);
    const auto expect = [&](const char* what, double is, double should) {
      if (!is_close(is, should, 1.6, figures)) differ(what + (" " + text(is)) + " for " + text(should) + at);
    };
    expect("minimum", bucket.minimum, values.front());
    expect("median", bucket.median, percentile(values, 0.5));
    expect("p95", bucket.p95, percentile(values, 0.95));
    expect("maximum", bucket.maximum, values.back());
  }
  if (!partial.empty()) return;
  if (got.hosts != lines.size())
    differ("hosts " + std::to_string(got.hosts) + " for " + std::to_string(lines.size()));
  if (got.top.size() != std::min(request.top, lines.size()))
    differ("top has " + std::to_string(got.top.size()));
  std::vector<double> order;
  for (const auto& [host, line] : lines) {
    double sum = 0;
    for (const auto& [time, value] : line.averages) sum += value;
    const double average = sum / static_cast<double>(line.averages.size());
    order.push_back(request.by == query::FleetOrder::average ? average : line.maximum);
    const auto named = std::find_if(got.top.begin(), got.top.end(),
                                    [&](const query::FleetHost& one) { return one.hostname == host; });
    if (named == got.top.end()) continue;
    if (!is_close(named->average, average, 1.6, figures))
      differ("top average of " + host + " " + text(named->average) + " for " + text(average));
    if (!is_close(named->maximum, line.maximum, 1.6, figures))
      differ("top maximum of " + host + " " + text(named->maximum) + " for " + text(line.maximum));
  }
  std::sort(order.rbegin(), order.rend());
  for (std::size_t i = 0; i < got.top.size(); ++i) {
    const double value = request.by == query::FleetOrder::average ? got.top[i].average : got.top[i].maximum;
    if (!is_close(value, order[i], 1.6, figures))
      differ("top " + std::to_string(i) + " " + text(value) + " for " + text(order[i]));
  }
}

}  // namespace hostwatch::model
