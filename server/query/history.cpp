#include "server/query/history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "protocol/catalogue.h"

namespace hostwatch::query {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::int64_t bucket_of(std::int64_t timestamp, std::int64_t step) {
  if (step == 0) return timestamp;
  const std::int64_t remainder = timestamp % step;
  return timestamp - (remainder < 0 ? remainder + step : remainder);
}

/// Where a metric stands in the catalogue; custom ones behind all others.
std::size_t catalogue_position(const std::string& metric) {
  const auto* known = protocol::find_metric(metric);
  return known != nullptr ? static_cast<std::size_t>(known - protocol::catalogue().data())
                          : protocol::catalogue().size();
}

/// Averages have more digits than readings; one more than the readings' own is all that means something.
double round_average(const std::string& metric, double average) {
  const auto* known = protocol::find_metric(metric);
  return known != nullptr ? protocol::round_to(average, std::min(known->decimals + 1, 6)) : average;
}

/// Gathers one host's readings into buckets, oldest first.
class HostAggregator {
 public:
  HostAggregator(std::int64_t step, const HistoryLimits& limits, std::size_t rows_before,
                 std::size_t values_before)
      : step_(step), limits_(limits), rows_(rows_before), values_(values_before) {}

  void add(std::int64_t timestamp, std::span<const storage::StoredValue> values) {
    const std::int64_t bucket = bucket_of(timestamp, step_);
    if (timestamps_.empty() || timestamps_.back() != bucket) begin_bucket(bucket);
    for (const storage::StoredValue& value : values) add_value(value);
  }

  /// No more readings come: the rows so far.
  HostHistory finish(const storage::Store& store, std::string hostname) {
    HostHistory history;
    history.hostname = std::move(hostname);
    for (Column& column : columns_) {
      close_bucket(column);
      fill(column, timestamps_.size());
      const storage::SeriesName name = store.series_name(column.series);
      if (step_ != 0) {
        for (double& average : column.average) average = round_average(name.metric, average);
      }
      history.series.push_back({name.metric, name.instance, std::move(column.average),
                                std::move(column.minimum), std::move(column.maximum)});
    }
    history.timestamps = std::move(timestamps_);
    std::sort(history.series.begin(), history.series.end(),
              [](const SeriesHistory& a, const SeriesHistory& b) {
                return std::tuple(catalogue_position(a.metric), std::string_view(a.metric),
                                  std::string_view(a.instance)) < std::tuple(catalogue_position(b.metric),
                                                                             std::string_view(b.metric),
                                                                             std::string_view(b.instance));
              });
    return history;
  }

  std::size_t values() const { return values_; }

 private:
  struct Column {
    std::uint32_t series = 0;
    std::size_t open_row = 0;  ///< the bucket that sum, low and high are of
    std::uint64_t count = 0;
    double sum = 0;
    double low = 0;
    double high = 0;
    std::vector<double> average;
    std::vector<double> minimum;
    std::vector<double> maximum;
  };

  void begin_bucket(std::int64_t bucket) {
    timestamps_.push_back(bucket);
    if (rows_ + timestamps_.size() > limits_.max_rows) {
      throw HistoryTooLarge("the answer would have more than " + std::to_string(limits_.max_rows) +
                            " rows; ask for fewer hosts, a shorter range or a longer step");
    }
  }

  Column& column_of(std::uint32_t series) {
    if (column_by_series_.size() <= series) column_by_series_.resize(series + 1, SIZE_MAX);
    std::size_t& index = column_by_series_[series];
    if (index == SIZE_MAX) {
      index = columns_.size();
      columns_.emplace_back().series = series;
    }
    return columns_[index];
  }

  void add_value(const storage::StoredValue& value) {
    Column& column = column_of(value.series);
    const std::size_t row = timestamps_.size() - 1;
    if (column.open_row != row) close_bucket(column);
    if (column.count == 0) {
      column.open_row = row;
      column.low = column.high = value.value;
      column.sum = 0;
    }
    column.sum += value.value;
    column.low = std::min(column.low, value.value);
    column.high = std::max(column.high, value.value);
    ++column.count;
  }

  /// Writes the bucket that the column has open down in its row; rows between have no value.
  void close_bucket(Column& column) {
    if (column.count == 0) return;
    fill(column, column.open_row);
    column.average.push_back(column.count == 1 ? column.low : column.sum / static_cast<double>(column.count));
    column.minimum.push_back(column.low);
    column.maximum.push_back(column.high);
    column.count = 0;
    count_values(1);
  }

  void fill(Column& column, std::size_t rows) {
    if (column.average.size() >= rows) return;
    count_values(rows - column.average.size());
    column.average.resize(rows, kMissing);
    column.minimum.resize(rows, kMissing);
    column.maximum.resize(rows, kMissing);
  }

  void count_values(std::size_t count) {
    values_ += count;
    if (values_ > limits_.max_values) {
      throw HistoryTooLarge("the answer would have more than " + std::to_string(limits_.max_values) +
                            " values; ask for fewer hosts or metrics, a shorter range or a longer step");
    }
  }

  std::int64_t step_;
  const HistoryLimits& limits_;
  std::size_t rows_;
  std::size_t values_;
  std::vector<std::int64_t> timestamps_;
  std::vector<Column> columns_;
  std::vector<std::size_t> column_by_series_;
};

constexpr std::array<std::int64_t, 27> kRoundSteps{
    1,      2,      5,      10,      15,      30,      60,      120,      300,
    600,    900,    1800,   3600,    7200,    10800,   21600,   43200,    86400,
    172800, 345600, 604800, 1209600, 2592000, 5184000, 7776000, 15552000, 31536000};

/// True if some host has more readings in the range than rows are wanted.
bool has_more_than(const storage::Store& store, const HistoryRequest& request, std::int64_t points) {
  const auto limit = static_cast<std::uint64_t>(points);
  return std::any_of(request.hostnames.begin(), request.hostnames.end(), [&](const std::string& hostname) {
    return store.count(hostname, request.from, request.to + request.slack, limit + 1) > limit;
  });
}

HostHistory read_host(const storage::Store& store, const storage::ReadRequest& request, std::int64_t step,
                      const HistoryLimits& limits, std::chrono::steady_clock::time_point deadline,
                      std::size_t rows, std::size_t& values) {
  HostAggregator aggregator(step, limits, rows, values);
  std::size_t readings = 0;
  store.read(request, [&](std::int64_t timestamp, std::span<const storage::StoredValue> stored) {
    if (++readings % 1024 == 0 && std::chrono::steady_clock::now() > deadline) {
      throw HistoryTooLarge("the answer takes too long to gather; ask for fewer hosts or a shorter range");
    }
    aggregator.add(timestamp, stored);
    return true;
  });
  HostHistory history = aggregator.finish(store, request.hostname);
  values = aggregator.values();
  return history;
}

}  // namespace

const SeriesHistory* HostHistory::find(std::string_view metric) const {
  const auto found = std::find_if(series.begin(), series.end(), [&](const SeriesHistory& candidate) {
    return candidate.metric == metric && candidate.instance.empty();
  });
  return found == series.end() ? nullptr : &*found;
}

std::size_t History::rows() const {
  std::size_t sum = 0;
  for (const HostHistory& host : hosts) sum += host.timestamps.size();
  return sum;
}

std::int64_t round_step(std::int64_t span, std::int64_t points) {
  // A range that begins inside a bucket touches one bucket more than it is long.
  const std::int64_t whole = std::max<std::int64_t>(points - 1, 1);
  const std::int64_t least = std::max<std::int64_t>((span + whole - 1) / whole, 1);
  const auto found = std::lower_bound(kRoundSteps.begin(), kRoundSteps.end(), least);
  return found != kRoundSteps.end() ? *found : (least + 86399) / 86400 * 86400;
}

History read_history(const storage::Store& store, HistoryRequest request, const HistoryLimits& limits) {
  const auto deadline = std::chrono::steady_clock::now() + limits.max_time;
  if (request.hostnames.empty()) request.hostnames = store.host_names();
  History history;
  if (request.from > request.to || request.hostnames.empty()) {
    history.step = request.step.value_or(0);
    return history;
  }
  // Few rows a host where there are many hosts, so that all of them fit.
  const auto share = static_cast<std::int64_t>(limits.max_rows / request.hostnames.size());
  const std::int64_t points = std::max<std::int64_t>(std::min(request.points, share), 1);
  if (request.step) {
    history.step = *request.step;
  } else if (has_more_than(store, request, points)) {
    history.step = round_step(request.to - request.from, points);
  }

  std::size_t rows = 0;
  std::size_t values = 0;
  for (std::string& hostname : request.hostnames) {
    const storage::ReadRequest read{std::move(hostname), request.from, request.to + request.slack,
                                    request.all_metrics, request.metrics};
    HostHistory host = read_host(store, read, history.step, limits, deadline, rows, values);
    rows += host.timestamps.size();
    if (!host.timestamps.empty()) history.hosts.push_back(std::move(host));
  }
  return history;
}

}  // namespace hostwatch::query
