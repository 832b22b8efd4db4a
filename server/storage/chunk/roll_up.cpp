#include "server/storage/chunk/roll_up.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "server/storage/chunk/column_table.h"
#include "util/decimal.h"

namespace hostwatch::storage {
namespace {

std::int64_t bucket_of(std::int64_t time, std::int64_t step) {
  const std::int64_t rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

/// Adds numbers exactly while all are decimals of so many digits; else as doubles, in their order.
class Sum {
 public:
  explicit Sum(int decimals) : power_(util::kPowersOfTen.at(static_cast<std::size_t>(decimals))) {}

  void add(double value) {
    plain_ += value;
    constexpr std::int64_t kSafe = 1'000'000'000'000'000;  // thousands of these still fit
    const auto integer = util::decimal_integer(value + 0.0, power_);
    if (integer && *integer<kSafe&& * integer> - kSafe) {
      integers_ += *integer;
    } else {
      exact_ = false;
    }
  }
  double value() const { return exact_ ? static_cast<double>(integers_) / power_ : plain_; }

 private:
  double power_;
  double plain_ = 0;
  std::int64_t integers_ = 0;
  bool exact_ = true;
};

/// Which bucket each row belongs to, and the buckets' times.
struct Buckets {
  std::vector<std::int64_t> times;
  std::vector<std::size_t> of_row;

  Buckets(const std::vector<std::int64_t>& rows, std::int64_t step) {
    of_row.reserve(rows.size());
    for (const std::int64_t time : rows) {
      const std::int64_t bucket = bucket_of(time, step);
      if (times.empty() || times.back() != bucket) times.push_back(bucket);
      of_row.push_back(times.size() - 1);
    }
  }
};

/// Calls visit(bucket, value) for each value of a column.
template <typename Visit>
void for_each_value(const Column& column, const Buckets& buckets, Visit visit) {
  std::size_t next = 0;
  for (std::size_t row = 0; row < buckets.of_row.size(); ++row) {
    if (!column.present.empty() && !column.present[row]) continue;
    visit(buckets.of_row[row], column.values[next++]);
  }
}

struct Gathered {
  explicit Gathered(std::size_t buckets, int decimals)
      : count(buckets, 0),
        sum(buckets, Sum(decimals)),
        minimum(buckets, HUGE_VAL),
        maximum(buckets, -HUGE_VAL) {}
  std::vector<double> count;
  std::vector<Sum> sum;
  std::vector<double> minimum;
  std::vector<double> maximum;
};

void put(ColumnTable& table, std::uint32_t series, const Gathered& gathered, int decimals) {
  std::vector<bool> present;
  const bool complete = std::find(gathered.count.begin(), gathered.count.end(), 0.0) == gathered.count.end();
  if (!complete) {
    for (const double count : gathered.count) present.push_back(count != 0);
  }
  const auto add = [&](RollUpPart part, int digits, auto value_of) {
    Column column;
    column.decimals = digits;
    column.present = present;
    for (std::size_t i = 0; i < gathered.count.size(); ++i) {
      if (gathered.count[i] != 0) column.values.push_back(value_of(i));
    }
    table.columns.emplace(roll_up_column(series, part), std::move(column));
  };
  add(RollUpPart::count, 0, [&](std::size_t i) { return gathered.count[i]; });
  add(RollUpPart::sum, decimals, [&](std::size_t i) { return gathered.sum[i].value(); });
  add(RollUpPart::minimum, decimals, [&](std::size_t i) { return gathered.minimum[i]; });
  add(RollUpPart::maximum, decimals, [&](std::size_t i) { return gathered.maximum[i]; });
}

const Column* find(const ColumnTable& table, std::uint32_t series, RollUpPart part) {
  const auto found = table.columns.find(roll_up_column(series, part));
  return found == table.columns.end() ? nullptr : &found->second;
}

}  // namespace

ColumnTable roll_up(const ColumnTable& readings, std::int64_t step) {
  if (step > kMinute) return roll_up_again(roll_up(readings, kMinute), step);
  const Buckets buckets(readings.times, step);
  ColumnTable table;
  table.times = buckets.times;
  for (const auto& [series, column] : readings.columns) {
    Gathered gathered(buckets.times.size(), column.decimals);
    for_each_value(column, buckets, [&](std::size_t bucket, double value) {
      ++gathered.count[bucket];
      gathered.sum[bucket].add(value);
      gathered.minimum[bucket] = std::min(gathered.minimum[bucket], value);
      gathered.maximum[bucket] = std::max(gathered.maximum[bucket], value);
    });
    put(table, series, gathered, column.decimals);
  }
  return table;
}

ColumnTable roll_up_again(const ColumnTable& roll_ups, std::int64_t step) {
  const Buckets buckets(roll_ups.times, step);
  ColumnTable table;
  table.times = buckets.times;
  for (const auto& [number, counts] : roll_ups.columns) {
    if (number % 4 != static_cast<std::uint32_t>(RollUpPart::count)) continue;
    const std::uint32_t series = number / 4;
    const Column* sums = find(roll_ups, series, RollUpPart::sum);
    const Column* minima = find(roll_ups, series, RollUpPart::minimum);
    const Column* maxima = find(roll_ups, series, RollUpPart::maximum);
    if (sums == nullptr || minima == nullptr || maxima == nullptr) continue;
    Gathered gathered(buckets.times.size(), sums->decimals);
    for_each_value(counts, buckets,
                   [&](std::size_t bucket, double count) { gathered.count[bucket] += count; });
    for_each_value(*sums, buckets, [&](std::size_t bucket, double sum) { gathered.sum[bucket].add(sum); });
    for_each_value(*minima, buckets, [&](std::size_t bucket, double value) {
      gathered.minimum[bucket] = std::min(gathered.minimum[bucket], value);
    });
    for_each_value(*maxima, buckets, [&](std::size_t bucket, double value) {
      gathered.maximum[bucket] = std::max(gathered.maximum[bucket], value);
    });
    put(table, series, gathered, sums->decimals);
  }
  return table;
}

ColumnTable add_roll_ups(const ColumnTable& a, ColumnTable b, std::int64_t step) {
  for (std::int64_t& time : b.times) ++time;  // rows of their own, in the same buckets
  return roll_up_again(merge_tables(a, b), step);
}

std::vector<double> reading_counts(const ColumnTable& roll_ups) {
  std::vector<double> counts(roll_ups.times.size(), 0);
  const Column* cpu = find(roll_ups, kCpuSeries, RollUpPart::count);  // which every reading has
  if (cpu == nullptr) return counts;
  std::size_t next = 0;
  for (std::size_t row = 0; row < counts.size(); ++row) {
    if (has_value(*cpu, row)) counts[row] = cpu->values[next++];
  }
  return counts;
}

}  // namespace hostwatch::storage
