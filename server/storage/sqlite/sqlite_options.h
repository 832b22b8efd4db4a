#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

/// Of std::chrono::steady_clock.
std::int64_t steady_clock_seconds();

struct SqliteOptions {
  std::string path;
  Retention retention;
  /// What the database may hold: beyond it the hosts that hold most lose their oldest, readings before
  /// roll-ups. 0: as much as comes.
  std::uint64_t max_database_bytes = 0;
  std::size_t max_hosts = 20000;  ///< see Store::admits()
  DictionaryLimits names;         ///< how many series and layouts there can be
  /// For readings that the operator imports: the names of a host are reckoned by the days of its readings,
  /// and not bounded by the hour.
  bool trusts_readings = false;
  std::size_t file_after_readings = 5000;  ///< filing starts when so many are pending
  std::size_t file_at_once = 20000;        ///< readings a transaction of filing
  std::int64_t file_after_seconds = 30;    ///< or when it last ended so long ago
  /// Memory of the readings that are not filed yet; from here on filing goes before ingest.
  std::size_t max_pending_bytes = 64UL * 1024 * 1024;
  /// Compaction of a host starts when so many of its readings are filed; while there is other work, and the
  /// chunk that they go to is large, when they are half of its rows or so many.
  std::int64_t compact_after_readings = 256;
  std::int64_t most_uncompacted = 8192;
  /// Seconds of a clock that nobody sets, from any beginning: see SettledClock.
  std::function<std::int64_t()> steady_seconds = steady_clock_seconds;
};

}  // namespace hostwatch::storage::sqlite
