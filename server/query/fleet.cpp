#include "server/query/fleet.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "protocol/catalogue.h"
#include "server/query/counted_once.h"
#include "server/query/host_aggregator.h"
#include "server/query/steps.h"

namespace hostwatch::query {
namespace {

/// Of which share of the hosts the interval fits into a step.
constexpr double kServedShare = 0.95;

/// The interval that the given share of the hosts does not exceed; 0 if none is known.
std::int64_t common_interval(const std::vector<storage::HostBrief>& hosts) {
  std::vector<std::int64_t> intervals;
  for (const storage::HostBrief& host : hosts) {
    if (host.interval > 0) intervals.push_back(host.interval);
  }
  if (intervals.empty()) return 0;
  const auto served =
      static_cast<std::size_t>(std::ceil(kServedShare * static_cast<double>(intervals.size())));
  const auto at = intervals.begin() + static_cast<std::ptrdiff_t>(served - 1);
  std::nth_element(intervals.begin(), at, intervals.end());
  return *at;
}

std::int64_t step_for(const FleetRequest& request, const std::vector<storage::HostBrief>& hosts,
                      const HistoryLimits& limits) {
  const std::int64_t least = round_step_from(common_interval(hosts));
  if (request.step) return std::max(*request.step, least);
  // Fewer buckets where there are many hosts, so that all of them fit.
  const auto share = static_cast<std::int64_t>(limits.max_values / std::max<std::size_t>(hosts.size(), 1));
  const std::int64_t points = std::max<std::int64_t>(std::min(request.points, share), 1);
  return round_step(request.from, request.to + request.slack, points, least);
}

/// A host's instances as one: a value a row, NaN where it has none.
struct Line {
  std::vector<double> average;
  std::vector<double> maximum;
};

Line combined(std::vector<AggregatedSeries> series, Combine combine) {
  if (series.empty()) return {};
  Line line{std::move(series.front().average), std::move(series.front().maximum)};
  if (line.maximum.empty()) line.maximum = line.average;
  if (series.size() == 1) return line;
  const auto into = [](double& left, double right, auto joined) {
    if (std::isnan(right)) return;
    left = std::isnan(left) ? right : joined(left, right);
  };
  const auto higher = [](double a, double b) { return std::max(a, b); };
  for (auto next = series.begin() + 1; next != series.end(); ++next) {
    for (std::size_t row = 0; row < line.average.size(); ++row) {
      if (combine == Combine::sum) {
        into(line.average[row], next->average[row], [](double a, double b) { return a + b; });
      } else {
        into(line.average[row], next->average[row], higher);
        into(line.maximum[row], (next->maximum.empty() ? next->average : next->maximum)[row], higher);
      }
    }
  }
  // The highest values of several instances need not have come together: their sum would be none that was.
  if (combine == Combine::sum) line.maximum = line.average;
  return line;
}

/// One answer under way: what each host adds to it.
class FleetReader {
 public:
  FleetReader(const storage::Store& store, const FleetRequest& request, AnswerBudget& budget)
      : store_(store), request_(request), budget_(budget), hosts_(hosts_of(store, request)) {
    fleet_.combine = request.combine.value_or(usual_combine(request.metric));
    fleet_.step = step_for(request, hosts_, budget.limits());
  }

  Fleet read() {
    if (hosts_.empty() || request_.from > request_.to) return std::move(fleet_);
    first_ = floor_to(request_.from, fleet_.step);
    const std::int64_t last = floor_to(request_.to + request_.slack, fleet_.step);
    const auto buckets = static_cast<std::size_t>((last - first_) / fleet_.step + 1);
    budget_.spend_rows(buckets);
    budget_.spend_values(buckets * hosts_.size());
    budget_.take_bytes(buckets * (sizeof(std::vector<double>) + sizeof(FleetBucket)));
    values_.resize(buckets);
    for (const storage::HostBrief& host : hosts_) add_host(host.name);
    summarize();
    keep_top();
    return std::move(fleet_);
  }

 private:
  void add_host(const std::string& hostname) {
    budget_.check();
    AnswerBudget own = budget_.for_one_part();
    const ReadRange range = read_range(fleet_.step, request_.from, request_.to + request_.slack);
    const storage::ReadRequest read{hostname,          range.from,       range.to,        false,
                                    {request_.metric}, range.resolution, request_.top > 0};
    HostAggregator aggregator({fleet_.step, read.from, read.to, read.extremes}, own);
    store_.read(read, [&](const storage::HistoryPart& part) {
      aggregator.add(part);
      return true;
    });
    std::vector<std::int64_t> timestamps;
    std::vector<AggregatedSeries> series = aggregator.finish(timestamps);
    choose_instances(hostname, series);
    add_line(hostname, timestamps, combined(std::move(series), fleet_.combine));
  }

  /// Leaves the one that is asked for; of a sum those that count each byte once.
  void choose_instances(const std::string& hostname, std::vector<AggregatedSeries>& series) const {
    const auto* known = protocol::find_metric(request_.metric);
    const bool is_twice = fleet_.combine == Combine::sum && series.size() > 1 && known != nullptr &&
                          may_count_twice(known->instance_label);
    if (!request_.instance && !is_twice) return;
    std::vector<std::string> instances;
    instances.reserve(series.size());
    for (const AggregatedSeries& one : series) {
      instances.push_back(store_.series_name(one.series).instance);
    }
    std::vector<bool> wanted;
    if (request_.instance) {
      for (const std::string& instance : instances) wanted.push_back(instance == *request_.instance);
    } else {
      wanted = counted_once(instances, known->instance_label, store_.facts_of(hostname));
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (wanted[i] && kept++ != i) series[kept - 1] = std::move(series[i]);
    }
    series.resize(kept);
  }

  void add_line(const std::string& hostname, const std::vector<std::int64_t>& timestamps, const Line& line) {
    double sum = 0;
    double maximum = -std::numeric_limits<double>::infinity();
    std::size_t count = 0;
    for (std::size_t row = 0; row < line.average.size(); ++row) {
      if (!std::isfinite(line.average[row])) continue;
      std::vector<double>& bucket =
          values_[static_cast<std::size_t>((timestamps[row] - first_) / fleet_.step)];
      if (bucket.empty()) {
        budget_.take_bytes(hosts_.size() * sizeof(double));
        bucket.reserve(hosts_.size());  // growing would take twice the memory
      }
      const double average = round_average(request_.metric, line.average[row]);
      bucket.push_back(average);
      sum += average;
      maximum = std::max(maximum, line.maximum[row]);
      ++count;
    }
    if (count == 0) return;
    ++fleet_.hosts;
    if (request_.top == 0) return;
    fleet_.top.push_back({hostname, round_average(request_.metric, sum / static_cast<double>(count)),
                          round_average(request_.metric, maximum)});
  }

  void summarize() {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      std::vector<double>& values = values_[i];
      if (values.empty()) continue;
      std::sort(values.begin(), values.end());
      fleet_.buckets.push_back({first_ + static_cast<std::int64_t>(i) * fleet_.step, values.size(),
                                values.front(), round_average(request_.metric, quantile(values, 0.5)),
                                round_average(request_.metric, quantile(values, 0.95)), values.back()});
    }
  }

  void keep_top() {
    const auto value = [this](const FleetHost& host) {
      return request_.by == FleetOrder::average ? host.average : host.maximum;
    };
    // They were read by name: what is equal stays so.
    std::stable_sort(fleet_.top.begin(), fleet_.top.end(),
                     [&](const FleetHost& a, const FleetHost& b) { return value(a) > value(b); });
    if (fleet_.top.size() > request_.top) fleet_.top.resize(request_.top);
  }

  const storage::Store& store_;
  const FleetRequest& request_;
  AnswerBudget& budget_;
  std::vector<storage::HostBrief> hosts_;
  std::int64_t first_ = 0;                   ///< the first bucket
  std::vector<std::vector<double>> values_;  ///< by bucket: one of each host that has any
  Fleet fleet_;
};

}  // namespace

std::string_view to_string(Combine combine) {
  return combine == Combine::sum ? "sum" : "highest";
}

Combine usual_combine(std::string_view metric) {
  const auto* known = protocol::find_metric(metric);
  const bool is_highest =
      known != nullptr && (known->unit == protocol::Unit::percent || known->unit == protocol::Unit::seconds);
  return is_highest ? Combine::highest : Combine::sum;
}

double quantile(const std::vector<double>& ascending, double q) {
  const double position = q * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= ascending.size()) return ascending.back();
  // Not by the difference of the two: it may be beyond a double.
  return std::lerp(ascending[below], ascending[below + 1], position - static_cast<double>(below));
}

Fleet read_fleet(const storage::Store& store, const FleetRequest& request, AnswerBudget& budget) {
  return FleetReader(store, request, budget).read();
}

Fleet read_fleet(const storage::Store& store, const FleetRequest& request, const HistoryLimits& limits) {
  AnswerBudget budget(limits);
  return read_fleet(store, request, budget);
}

}  // namespace hostwatch::query
