#include "server/alerts/history/reading_feed.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

namespace hostwatch::alerts {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// One part of the history, and how far it was read.
class PartReader {
 public:
  PartReader(storage::ColumnTable table, std::vector<std::uint32_t> positions)
      : table_(std::move(table)), positions_(std::move(positions)), next_(table_.columns.size(), 0) {}

  bool is_done() const { return row_ == table_.times.size(); }
  std::int64_t time() const { return table_.times[row_]; }

  /// The row's values to their positions, and on to the next row.
  void take(std::span<double> values) {
    std::size_t i = 0;
    for (const auto& [series, column] : table_.columns) {
      if (storage::has_value(column, row_)) values[positions_[i]] = column.values[next_[i]++];
      ++i;
    }
    ++row_;
  }

 private:
  storage::ColumnTable table_;
  std::vector<std::uint32_t> positions_;  ///< by column
  std::vector<std::size_t> next_;         ///< by column: the next of its values
  std::size_t row_ = 0;
};

/// Series to positions: 0 to 2 are cpu, ram and disk; the others follow as they are met.
class FeedLayout {
 public:
  explicit FeedLayout(const storage::Store& store) : store_(store) {}

  std::uint32_t position_of(std::uint32_t series) {
    if (series >= storage::kCpuSeries && series <= storage::kDiskSeries) return series - storage::kCpuSeries;
    const auto [found, is_new] = positions_.emplace(series, static_cast<std::uint32_t>(layout_.size() + 3));
    if (is_new) {
      const storage::SeriesName name = store_.series_name(series);
      layout_.push_back(name.metric, name.instance);
    }
    return found->second;
  }

  protocol::SharedLayout share() && { return std::make_shared<const protocol::Layout>(std::move(layout_)); }

 private:
  const storage::Store& store_;
  std::map<std::uint32_t, std::uint32_t> positions_;
  protocol::Layout layout_;
};

bool is_later(const PartReader* a, const PartReader* b) {
  return a->time() > b->time();
}

}  // namespace

void feed_readings(const storage::Store& store, const FeedRequest& request, const FeedVisitor& visit) {
  std::vector<PartReader> parts;
  FeedLayout series(store);
  storage::ReadRequest wanted;
  wanted.hostname = request.hostname;
  wanted.from = request.from;
  wanted.to = request.to;
  wanted.metrics = request.metrics;
  store.read(wanted, [&](const storage::HistoryPart& part) {
    if (part.step != 0 || part.table.times.empty()) return true;
    std::vector<std::uint32_t> positions;
    for (const auto& [number, column] : part.table.columns) positions.push_back(series.position_of(number));
    parts.emplace_back(part.table, std::move(positions));
    return true;
  });
  const protocol::SharedLayout layout = std::move(series).share();
  std::vector<PartReader*> heap;
  for (PartReader& part : parts) heap.push_back(&part);
  std::make_heap(heap.begin(), heap.end(), is_later);
  std::vector<double> values(layout->size() + 3);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), is_later);
    std::fill(values.begin(), values.end(), kNoValue);
    ReadingView reading;
    reading.at = heap.back()->time();
    reading.layout = layout;
    heap.back()->take(values);
    std::copy_n(values.begin(), 3, reading.basic.begin());
    reading.values = std::span(values).subspan(3);
    if (!visit(reading)) return;
    if (heap.back()->is_done()) {
      heap.pop_back();
    } else {
      std::push_heap(heap.begin(), heap.end(), is_later);
    }
  }
}

}  // namespace hostwatch::alerts
