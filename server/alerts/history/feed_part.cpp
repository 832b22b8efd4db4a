#include "server/alerts/history/feed_part.h"

#include <memory>

namespace hostwatch::alerts {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// The values by row.
std::vector<double> spread(const storage::Column& column, std::size_t rows) {
  if (column.present.empty()) return column.values;
  std::vector<double> values(rows, kNoValue);
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.present[row]) values[row] = column.values[next++];
  }
  return values;
}

storage::RollUpPart part_for(RollUpValue value) {
  switch (value) {
    case RollUpValue::minimum:
      return storage::RollUpPart::minimum;
    case RollUpValue::maximum:
      return storage::RollUpPart::maximum;
    case RollUpValue::mean:
      break;
  }
  return storage::RollUpPart::sum;
}

}  // namespace

const FeedLayout::Known& FeedLayout::find(std::uint32_t series) {
  const auto found = known_.find(series);
  if (found != known_.end()) return found->second;
  const storage::SeriesName name = store_.series_name(series);
  const auto wanted = request_.roll_up_values.find(name.metric);
  Known known{series - storage::kCpuSeries,
              wanted == request_.roll_up_values.end() ? RollUpValue::mean : wanted->second};
  if (series < storage::kCpuSeries || series > storage::kDiskSeries) {
    known.position = static_cast<std::uint32_t>(layout_.size() + 3);
    layout_.push_back(name.metric, name.instance);
  }
  return known_.emplace(series, known).first->second;
}

std::uint32_t FeedLayout::position_of(std::uint32_t series) {
  return find(series).position;
}

RollUpValue FeedLayout::value_of(std::uint32_t series) {
  return find(series).value;
}

protocol::SharedLayout FeedLayout::share() && {
  return std::make_shared<const protocol::Layout>(std::move(layout_));
}

FeedPart::FeedPart(const storage::HistoryPart& part, FeedLayout& layout) : times_(part.table.times) {
  if (part.step != 0) {
    add_roll_ups(part.table, layout);
    return;
  }
  sources_.reserve(part.table.columns.size());
  for (const auto& [series, column] : part.table.columns) {
    sources_.push_back({layout.position_of(series), spread(column, times_.size())});
  }
}

void FeedPart::add_roll_ups(const storage::ColumnTable& table, FeedLayout& layout) {
  for (const auto& [number, column] : table.columns) {
    const std::uint32_t series = storage::series_of_roll_up(number);
    const RollUpValue wanted = layout.value_of(series);
    if (number != storage::roll_up_column(series, part_for(wanted))) continue;
    Source source{layout.position_of(series), spread(column, times_.size())};
    if (wanted == RollUpValue::mean) {
      const auto counts = table.columns.find(storage::roll_up_column(series, storage::RollUpPart::count));
      if (counts == table.columns.end()) continue;
      const std::vector<double> count = spread(counts->second, times_.size());
      for (std::size_t row = 0; row < count.size(); ++row) source.values[row] /= count[row];
    }
    sources_.push_back(std::move(source));
  }
}

}  // namespace hostwatch::alerts
