#pragma once

#include <cstdint>

#include "server/storage/sqlite/chunks/compactor.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/sqlite_options.h"
#include "server/storage/sqlite/upkeep/bookkeeping.h"
#include "server/storage/sqlite/upkeep/compaction_queue.h"
#include "server/storage/sqlite/upkeep/host_backoff.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// Brings readings from the tail into chunks, one host at a time, a piece a transaction. For the writing
/// thread.
class Compaction {
 public:
  Compaction(Writer& writer, HostTable& hosts, Bookkeeping& bookkeeping, CompactionQueue& queue,
             HostBackoff& backoff, const SqliteOptions& options)
      : writer_(writer),
        hosts_(hosts),
        bookkeeping_(bookkeeping),
        queue_(queue),
        backoff_(backoff),
        options_(options) {}

  /// One piece of the host that waits longest; true if there was any.
  bool run();
  /// The same of a host for which it is worth it as there is nothing else to do.
  bool run_when_idle();

  /// Has the older readings of the host's tail compacted; false if none of them is in it. Those that are
  /// pending are when they come into it.
  bool compact_before(Host& host, std::int64_t time);
  /// Has all of its tail compacted.
  void compact_all(Host& host);
  /// Has its tail compacted if something of it is a day older than `now`: a host that sends little, or
  /// nothing any more, has its readings compacted in time, too; only chunks expire.
  void compact_old_tail(Host& host, std::int64_t now);
  /// Has what was put off tried again, when its time has come.
  void try_again(Host& host);

 private:
  void compact(Host& host);
  void publish(Host& host, const CompactionPiece& piece);

  Writer& writer_;
  HostTable& hosts_;
  Bookkeeping& bookkeeping_;
  CompactionQueue& queue_;
  HostBackoff& backoff_;
  const SqliteOptions& options_;
};

}  // namespace hostwatch::storage::sqlite
