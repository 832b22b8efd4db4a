#pragma once

#include <cstdint>

#include "server/storage/chunk/chunk.h"

namespace hostwatch::storage {

/// What a roll-up keeps of each series and bucket: four columns in the place of one. Average is sum / count.
enum class RollUpPart : std::uint8_t { count = 0, sum = 1, minimum = 2, maximum = 3 };

/// The number of a part's column in a table of roll-ups.
constexpr std::uint32_t roll_up_column(std::uint32_t series, RollUpPart part) {
  return series * 4 + static_cast<std::uint32_t>(part);
}

/// Readings as roll-ups of `step` seconds: a row for each bucket that has any, its time the bucket's
/// beginning (a multiple of `step`). Exact with respect to the readings: where all values of a series are
/// decimal numbers of its digits, sums are reckoned in integers, so that neither their order nor the path
/// over shorter steps matters.
ColumnTable roll_up(const ColumnTable& readings, std::int64_t step);

/// Roll-ups as roll-ups of a longer step, a multiple of theirs.
ColumnTable roll_up_again(const ColumnTable& roll_ups, std::int64_t step);

}  // namespace hostwatch::storage
