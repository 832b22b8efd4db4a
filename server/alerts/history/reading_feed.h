#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/alerts/evaluation/evaluator.h"
#include "server/storage/store.h"

namespace hostwatch::alerts {

/// Which stored readings are evaluated.
struct FeedRequest {
  std::string hostname;
  std::vector<std::string> metrics;  ///< wanted; without instances: every instance of theirs
  std::int64_t from = 0;             ///< inclusive
  std::int64_t to = 0;               ///< inclusive
};

/// False ends the feed early.
using FeedVisitor = std::function<bool(const ReadingView&)>;

/// A host's stored readings in order of time, as an Evaluator takes them: all with one layout, and a value
/// that is no number where a reading has none. Throws StoreError.
void feed_readings(const storage::Store& store, const FeedRequest& request, const FeedVisitor& visit);

}  // namespace hostwatch::alerts
