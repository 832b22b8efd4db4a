#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "protocol/layout.h"
#include "server/alerts/history/reading_feed.h"
#include "server/storage/store.h"

namespace hostwatch::alerts {

/// Series to positions: 0 to 2 are cpu, ram and disk; the others follow as they are met.
class FeedLayout {
 public:
  FeedLayout(const storage::Store& store, const FeedRequest& request) : store_(store), request_(request) {}

  std::uint32_t position_of(std::uint32_t series);
  /// What of a roll-up of the series is wanted.
  RollUpValue value_of(std::uint32_t series);
  protocol::SharedLayout share() &&;

 private:
  struct Known {
    std::uint32_t position;
    RollUpValue value;
  };
  const Known& find(std::uint32_t series);

  const storage::Store& store_;
  const FeedRequest& request_;
  std::map<std::uint32_t, Known> known_;
  protocol::Layout layout_;
};

/// A part of the history, its values by row, and how far it was read. Of roll-ups the values are what stands
/// for their readings.
class FeedPart {
 public:
  FeedPart(const storage::HistoryPart& part, FeedLayout& layout);

  bool is_done() const { return row_ == times_.size(); }
  std::int64_t time() const { return times_[row_]; }

  /// The row's values to their positions, and on to the next row. Other positions stay as they are.
  void take(std::span<double> values) {
    for (const Source& source : sources_) values[source.position] = source.values[row_];
    ++row_;
  }
  /// Where it puts values there are none from now on.
  void clear(std::span<double> values) const {
    for (const Source& source : sources_) values[source.position] = std::numeric_limits<double>::quiet_NaN();
  }

 private:
  struct Source {
    std::uint32_t position;
    std::vector<double> values;  ///< by row; no number: none
  };
  void add_roll_ups(const storage::ColumnTable& table, FeedLayout& layout);

  std::vector<std::int64_t> times_;
  std::vector<Source> sources_;
  std::size_t row_ = 0;
};

}  // namespace hostwatch::alerts
