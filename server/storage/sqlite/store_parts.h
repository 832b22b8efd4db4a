#pragma once

#include <cstdint>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/alerts/alert_access.h"
#include "server/storage/sqlite/alerts/alert_tables.h"
#include "server/storage/sqlite/appender.h"
#include "server/storage/sqlite/damage_log.h"
#include "server/storage/sqlite/database/connection.h"
#include "server/storage/sqlite/database/database.h"
#include "server/storage/sqlite/figures.h"
#include "server/storage/sqlite/history_access.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/journal.h"
#include "server/storage/sqlite/sqlite_options.h"
#include "server/storage/sqlite/upkeep/bookkeeping.h"
#include "server/storage/sqlite/upkeep/borders.h"
#include "server/storage/sqlite/upkeep/compaction.h"
#include "server/storage/sqlite/upkeep/compaction_queue.h"
#include "server/storage/sqlite/upkeep/file_size.h"
#include "server/storage/sqlite/upkeep/filing.h"
#include "server/storage/sqlite/upkeep/host_backoff.h"
#include "server/storage/sqlite/upkeep/host_deletion.h"
#include "server/storage/sqlite/upkeep/name_collector.h"
#include "server/storage/sqlite/upkeep/retention_pass.h"
#include "server/storage/sqlite/upkeep/roll_up_mending.h"
#include "server/storage/sqlite/upkeep/size_limit.h"
#include "server/storage/sqlite/upkeep/upkeep_clock.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// The parts that SqliteStore is made of, each built on those above it; and how they are read back from the
/// database. What is not said to be thread-safe is the writing thread's alone.
struct StoreParts {
  /// Throws StoreError.
  explicit StoreParts(SqliteOptions given);
  /// Readers go first: only a connection that may write brings the write-ahead log into the file as the last
  /// one closes (sqlite.org/wal.html).
  ~StoreParts() { readers.close_idle(); }
  StoreParts(const StoreParts&) = delete;
  StoreParts& operator=(const StoreParts&) = delete;

  /// After an error that leaves nothing to be trusted: opens the database again and reads everything back.
  /// True if it did. Throws StoreError if that cannot be done yet.
  bool recover_if_broken();

  const SqliteOptions options;
  const DatabaseLock lock;
  ReadingCodec codec;
  DamageLog damages;
  ReaderPool readers;
  HostTable hosts;
  Writer writer;
  Figures figures;

  // upkeep
  UpkeepClock clock;
  HostBackoff backoff;
  CompactionQueue queue;
  Bookkeeping bookkeeping;
  Borders borders;
  Compaction compaction;
  FileSize file_size;
  SizeLimit size_limit;
  RetentionPass retention;
  NameCollector names;
  HostDeletion deletion;
  RollUpMending roll_ups;

  // alarms
  AlertTables alert_tables;
  AlertAccess alert_access;

  // the way of a reading
  Journal journal;
  Appender appender;
  Filing filing;
  HistoryAccess history;

 private:
  void load();
  void load_hosts() REQUIRES(hosts.mutex());
  std::int64_t load_state() REQUIRES(hosts.mutex());
  void load_damaged();
};

}  // namespace hostwatch::storage::sqlite
