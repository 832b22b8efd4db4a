#pragma once

#include <cstdint>
#include <vector>

#include "server/storage/column.h"

namespace hostwatch::storage {

/// Readings as roll-ups of `step` seconds, a minute or a multiple of it: a row for each bucket that has any,
/// its time the bucket's beginning (a multiple of `step`). Exact with respect to the readings: where all
/// values of a series are decimal numbers of its digits, sums are reckoned in integers. Other sums are those
/// of doubles in the order of time, minutes first whatever the step, so that a roll-up has the same bits
/// whether it was made of readings or of minutes.
ColumnTable roll_up(const ColumnTable& readings, std::int64_t step);

/// Roll-ups as roll-ups of a longer step, a multiple of theirs.
ColumnTable roll_up_again(const ColumnTable& roll_ups, std::int64_t step);

/// Roll-ups of `step` seconds of two sets of readings as those of both together.
ColumnTable add_roll_ups(const ColumnTable& a, ColumnTable b, std::int64_t step);

/// How many readings each row of roll-ups stands for.
std::vector<double> reading_counts(const ColumnTable& roll_ups);

}  // namespace hostwatch::storage
