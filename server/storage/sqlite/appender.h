#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/alerts/alert_tables.h"
#include "server/storage/sqlite/alerts/watched_readings.h"
#include "server/storage/sqlite/chunks/filed_readings.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/journal.h"
#include "server/storage/sqlite/upkeep/bookkeeping.h"
#include "server/storage/sqlite/writer.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

/// Takes new readings into the journal and into memory: each is looked up first, so that it is stored once;
/// then all are written as one transaction, with what the watcher makes of them; then they are shown to
/// readers. For the writing thread.
class Appender {
 public:
  /// `trusts_readings`: see SqliteOptions.
  Appender(Writer& writer, ReadingCodec& codec, HostTable& hosts, Bookkeeping& bookkeeping, Journal& journal,
           AlertTables& alert_tables, bool trusts_readings)
      : writer_(writer),
        codec_(codec),
        hosts_(hosts),
        bookkeeping_(bookkeeping),
        journal_(journal),
        alert_tables_(alert_tables),
        trusts_readings_(trusts_readings) {}

  /// See Store::append(). If it throws, memory is as it was before.
  std::vector<AppendResult> append(std::span<const std::span<const protocol::ReceivedReading>> requests,
                                   std::int64_t now);

  /// See AlertStore::watch().
  void watch(AppendWatcher* watcher) { watched_.watch(watcher); }
  /// Everything was read anew from the database.
  void note_read_anew() noexcept { watched_.read_anew(); }

  /// Samples that were left out; any thread may ask.
  std::uint64_t refused_series() const { return refused_series_; }

 private:
  /// The last numbers of series and layouts that were given before a transaction, and how many names hosts
  /// had brought that are new.
  struct NamesBefore {
    std::uint32_t series;
    std::uint32_t layout;
    Brought by_new_hosts;
  };
  void stage(const protocol::ReceivedReading& reading, AppendResult& result, std::vector<Host*>& touched,
             std::int64_t now);
  Host* host_for(const protocol::ReceivedReading& reading, std::int64_t now);
  std::string encode(const protocol::ReceivedReading& reading, Host& host, std::int64_t now,
                     AppendResult& result);
  Stored find_stored(Host& host, std::int64_t timestamp, const std::string& packed);
  void commit_staged(const std::vector<Host*>& touched, NamesBefore before, const AlertChanges* alerts);
  void insert_new_names(NamesBefore before);
  void upsert_hosts(const std::vector<Host*>& touched);
  void show_to_readers(const std::vector<Host*>& touched, std::int64_t now);
  void publish(const std::vector<Host*>& touched, std::int64_t now);
  void roll_back_staged(const std::vector<Host*>& touched, NamesBefore before);
  void shrink_dictionaries(NamesBefore before);

  Writer& writer_;
  ReadingCodec& codec_;
  HostTable& hosts_;
  Bookkeeping& bookkeeping_;
  Journal& journal_;
  AlertTables& alert_tables_;
  WatchedReadings watched_;
  const bool trusts_readings_;
  std::atomic<std::uint64_t> refused_series_{0};
};

}  // namespace hostwatch::storage::sqlite
