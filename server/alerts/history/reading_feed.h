#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "server/alerts/evaluation/evaluator.h"
#include "server/storage/store.h"

namespace hostwatch::alerts {

/// What of a roll-up stands for its readings.
enum class RollUpValue : std::uint8_t { mean, minimum, maximum };

/// Which stored readings are evaluated.
struct FeedRequest {
  std::string hostname;
  std::vector<std::string> metrics;  ///< wanted; without instances: every instance of theirs
  std::int64_t from = 0;             ///< inclusive
  std::int64_t to = 0;               ///< inclusive
  /// Roll-ups of at most so many seconds will do (as storage::ReadRequest::resolution); 0: readings alone.
  std::int64_t resolution = 0;
  /// Where there are no readings any more roll-ups are fed in their place; as they are with a resolution.
  bool takes_roll_ups = false;
  std::map<std::string, RollUpValue, std::less<>> roll_up_values = {};  ///< by metric; the others: mean
};

/// False ends the feed early.
using FeedVisitor = std::function<bool(const ReadingView&)>;

/// Asked before each piece of history is read; may throw, or give false, which ends the feed, too.
using FeedCheck = std::function<bool()>;

struct FeedOutcome {
  bool has_roll_ups = false;  ///< some of what was fed was no reading
  bool is_complete = true;    ///< the visitor did not end it
};

/// A host's stored readings in order of time, as an Evaluator takes them: all of a day with one layout, and a
/// value that is no number where a reading has none. Readings without any of the metrics are fed, too. A
/// roll-up is fed at its beginning. Some MiB of memory, however long the range and however many the series.
/// Throws StoreError.
FeedOutcome feed_readings(const storage::Store& store, const FeedRequest& request, const FeedVisitor& visit,
                          const FeedCheck& check = {});

}  // namespace hostwatch::alerts
