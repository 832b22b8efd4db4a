#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "util/mutex.h"

namespace hostwatch::storage::sqlite {

/// Damaged chunks that were met: each is counted and logged once, however often it is met. Thread-safe.
class DamageLog {
 public:
  /// False: it was met before.
  bool note(Level level, std::int64_t id);
  /// Notes it; logs `what` is wrong with it, the first time.
  void report(Level level, std::int64_t id, const std::string& what);

  std::uint64_t count() const { return count_; }

 private:
  std::atomic<std::uint64_t> count_{0};
  util::Mutex mutex_;
  std::set<std::pair<Level, std::int64_t>> noted_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::storage::sqlite
