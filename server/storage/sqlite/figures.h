#pragma once

#include <algorithm>
#include <cstdint>

#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "server/storage/store.h"
#include "util/mutex.h"

namespace hostwatch::storage::sqlite {

/// What maintenance finds out about the whole database: its size, and where the history begins. The writer
/// sets it; any thread may ask.
class Figures {
 public:
  void set_size(std::uint64_t used_bytes, std::uint64_t free_bytes);
  void set_growth(double bytes_per_day);

  /// A pass over all hosts begins to look where the levels begin.
  void begin_pass() { passing_ = {}; }
  /// Where the pass has found a level to begin; earlier is kept.
  std::int64_t found(Level level) const { return passing_.of(level); }
  void note(Level level, std::int64_t begin) { passing_.of(level) = std::min(passing_.of(level), begin); }
  /// The pass is over: what it found counts.
  void end_pass();
  /// A reading of that time was filed: a pass comes to it in minutes, or has passed by it.
  void note_filed(std::int64_t time);

  void add_to(StoreStatistics& statistics) const;

 private:
  struct Begins {
    std::int64_t reading = INT64_MAX;
    std::int64_t minute = INT64_MAX;
    std::int64_t hour = INT64_MAX;
    std::int64_t& of(Level level) {
      return level == Level::raw ? reading : level == Level::minute ? minute : hour;
    }
    std::int64_t of(Level level) const {
      return level == Level::raw ? reading : level == Level::minute ? minute : hour;
    }
  };
  Begins passing_;  ///< the writer's own

  mutable util::Mutex mutex_;
  std::uint64_t used_bytes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t free_bytes_ GUARDED_BY(mutex_) = 0;
  double bytes_per_day_ GUARDED_BY(mutex_) = 0;
  std::int64_t oldest_ GUARDED_BY(mutex_) = INT64_MAX;
  std::int64_t oldest_reading_ GUARDED_BY(mutex_) = INT64_MAX;
};

}  // namespace hostwatch::storage::sqlite
