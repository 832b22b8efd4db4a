#include "server/storage/sqlite/sqlite_store.h"

#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "server/storage/sqlite/journal_block.h"

namespace hostwatch::storage::sqlite {
namespace {

/// What the operator is told, by SQLite's result code.
std::string explain(const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      return "the disk with the database is full; free some space";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program has the database locked";
    case SQLITE_READONLY:
      return "the database cannot be written: " + std::string(error.what());
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the database is damaged: " + std::string(error.what()) + "; restore a backup";
    case SQLITE_IOERR:
      return "the disk with the database fails: " + std::string(error.what());
    default:
      return "the database failed: " + std::string(error.what());
  }
}

/// The connection, or what is known of the file, can no longer be relied on.
bool is_beyond_trust(const SQLite::Exception& error) {
  const int code = error.getErrorCode();
  return code == SQLITE_IOERR || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

}  // namespace

SqliteStore::SqliteStore(SqliteOptions options)
    : options_(std::move(options)),
      lock_(options_.path),
      writer_(open_for_writing(options_.path)),
      readers_(options_.path) {
  load();
}

SqliteStore::~SqliteStore() = default;

SQLite::Statement& SqliteStore::statement(const char* sql) {
  auto& prepared = statements_[sql];
  if (!prepared) prepared = std::make_unique<SQLite::Statement>(*writer_, sql);
  prepared->tryReset();
  return *prepared;
}

/// After an I/O error nothing that is believed in memory can be trusted: a transaction whose sync failed may
/// be in the file all the same. So start afresh from the file, as after a kill. And after a failed sync the
/// kernel takes the write-ahead log's pages for written though they are not: what is in it is written anew,
/// to the database file, before anything else is acknowledged, or a power cut could take all that follows the
/// hole.
void SqliteStore::recover_if_broken() {
  if (!broken_) return;
  statements_.clear();
  readers_.close_idle();
  writer_.reset();
  writer_ = open_for_writing(options_.path);
  sync_ = Sync::at_once;
  try {
    empty_write_ahead_log(*writer_);
  } catch (const SQLite::Exception& error) {
    throw StoreError(explain(error));
  }
  load();
  broken_ = false;
  spdlog::info("opened the database again after an error");
}

void SqliteStore::in_transaction(Sync sync, const std::function<void()>& work) {
  try {
    // NORMAL leaves the sync out. The WAL is one sequence: a later transaction that is on disk has this one
    // before it, so that what is dropped from the journal is never dropped without what was filed in its
    // place.
    if (sync != sync_)
      writer_->exec(sync == Sync::later ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
    sync_ = sync;
    statement("BEGIN IMMEDIATE").exec();
    work();
    statement("COMMIT").exec();
  } catch (const SQLite::Exception& error) {
    const std::string text = explain(error);
    for (auto& [sql, prepared] : statements_) prepared->tryReset();
    // Some errors roll back by themselves; only SQLite knows.
    if (sqlite3_get_autocommit(writer_->getHandle()) == 0) writer_->tryExec("ROLLBACK");
    broken_ = is_beyond_trust(error);
    throw StoreError(text);
  }
}

std::vector<AppendResult> SqliteStore::append(std::span<const std::span<const protocol::Reading>> requests,
                                              std::int64_t now) {
  recover_if_broken();
  while (pending_bytes_ >= options_.max_pending_bytes && maintain(now)) {
  }
  const std::size_t series_before = codec_.series.size();
  const std::size_t layouts_before = codec_.layouts.size();
  std::vector<AppendResult> results(requests.size());
  std::vector<Host*> touched;
  try {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      for (const protocol::Reading& reading : requests[i]) stage(reading, results[i], touched, now);
    }
    if (touched.empty()) {
      // Duplicates alone: what they made the dictionaries learn is in no transaction, so it must not be
      // known.
      codec_.shrink_to(series_before, layouts_before);
    } else {
      commit_staged(touched, series_before, layouts_before);
    }
  } catch (const SQLite::Exception& error) {  // a look-up outside the transaction
    unstage(touched, series_before, layouts_before);
    broken_ = is_beyond_trust(error);
    throw StoreError(explain(error));
  } catch (...) {
    unstage(touched, series_before, layouts_before);
    throw;
  }
  publish(touched, now);
  return results;
}

void SqliteStore::stage(const protocol::Reading& reading, AppendResult& result, std::vector<Host*>& touched,
                        std::int64_t now) {
  Host* host = host_for(reading, now);
  const bool first_touch = host->staged.empty() && host->staged_facts == nullptr;
  const std::int64_t newest =
      host->staged.empty() ? host->newest : std::max(host->newest, host->staged.rbegin()->first);

  std::string packed = codec_.encode(reading);
  if (reading.timestamp <= newest) {
    std::string from_table;
    if (const std::string* stored = find_stored(*host, reading.timestamp, from_table)) {
      ++result.duplicates;
      if (*stored != packed) ++result.conflicts;
      return;
    }
  }
  host->staged.emplace_hint(host->staged.end(), reading.timestamp, std::move(packed));
  // Facts of a backlog are older than those that are known.
  if (reading.facts && reading.timestamp >= host->facts_time) {
    host->facts_time = reading.timestamp;
    if (*reading.facts != host->facts || host->staged_facts != nullptr) host->staged_facts = &*reading.facts;
  }
  if (first_touch) touched.push_back(host);
  ++result.accepted;
}

SqliteStore::Host* SqliteStore::host_for(const protocol::Reading& reading, std::int64_t now) {
  const auto found = hosts_.find(std::string_view(reading.hostname));  // only this thread changes the map
  if (found != hosts_.end()) return found->second.get();
  auto host = std::make_unique<Host>();
  host->id = next_host_id_++;
  host->name = reading.hostname;
  host->first_seen = reading.timestamp;
  host->last_heard = now;
  host->is_new = true;
  const std::unique_lock lock(mutex_);
  return hosts_.emplace(reading.hostname, std::move(host)).first->second.get();
}

const std::string* SqliteStore::find_stored(const Host& host, std::int64_t timestamp,
                                            std::string& from_table) {
  for (const PackedByTime* place : {&host.staged, &host.pending}) {
    const auto found = place->find(timestamp);
    if (found != place->end()) return &found->second;
  }
  if (timestamp > host.newest_filed) return nullptr;
  SQLite::Statement& find = statement("SELECT packed FROM reading WHERE host = ? AND timestamp = ?");
  find.bind(1, host.id);
  find.bind(2, timestamp);
  if (!find.executeStep()) return nullptr;
  from_table = find.getColumn(0).getString();
  find.tryReset();
  return &from_table;
}

void SqliteStore::commit_staged(const std::vector<Host*>& touched, std::size_t series_before,
                                std::size_t layouts_before) {
  JournalBlockWriter block;
  for (const Host* host : touched) {
    for (const auto& [timestamp, packed] : host->staged) block.add(host->id, timestamp, packed);
  }
  in_transaction(Sync::at_once, [&] {
    insert_new_names(touched, series_before, layouts_before);
    SQLite::Statement& insert = statement("INSERT INTO journal (sequence, readings) VALUES (?, ?)");
    insert.bind(1, next_sequence_);
    insert.bindNoCopy(2, block.bytes().data(), static_cast<int>(block.bytes().size()));
    insert.exec();
  });
  ++next_sequence_;
}

void SqliteStore::insert_new_names(const std::vector<Host*>& touched, std::size_t series_before,
                                   std::size_t layouts_before) {
  for (std::size_t i = series_before; i < codec_.series.size(); ++i) {
    const SeriesEntry& entry = codec_.series.entry(static_cast<std::uint32_t>(i + 1));
    SQLite::Statement& insert =
        statement("INSERT INTO series (id, metric, instance, decimals) VALUES (?, ?, ?, ?)");
    insert.bind(1, static_cast<std::int64_t>(i + 1));
    insert.bind(2, entry.name.metric);
    insert.bind(3, entry.name.instance);
    insert.bind(4, entry.decimals);
    insert.exec();
  }
  for (std::size_t i = layouts_before; i < codec_.layouts.size(); ++i) {
    const std::string& packed = codec_.layouts.packed(static_cast<std::uint32_t>(i + 1));
    SQLite::Statement& insert = statement("INSERT INTO layout (id, series) VALUES (?, ?)");
    insert.bind(1, static_cast<std::int64_t>(i + 1));
    insert.bind(2, packed.data(), static_cast<int>(packed.size()));
    insert.exec();
  }
  for (const Host* host : touched) {
    if (!host->is_new && host->staged_facts == nullptr) continue;
    const protocol::HostFacts& facts = host->staged_facts != nullptr ? *host->staged_facts : host->facts;
    SQLite::Statement& upsert = statement(
        "INSERT INTO host (id, name, first_seen, last_seen, facts) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET facts = excluded.facts");
    upsert.bind(1, host->id);
    upsert.bind(2, host->name);
    upsert.bind(3, std::min(host->first_seen, host->staged.begin()->first));
    upsert.bind(4, host->staged.rbegin()->first);
    upsert.bind(5, protocol::to_json(facts).dump());
    upsert.exec();
  }
}

void SqliteStore::publish(const std::vector<Host*>& touched, std::int64_t now) {
  const std::unique_lock lock(mutex_);
  for (Host* host : touched) {
    const auto& [newest, packed] = *host->staged.rbegin();
    const auto late_end = host->staged.lower_bound(host->newest);
    host->backfilled += static_cast<std::uint64_t>(std::distance(host->staged.begin(), late_end));
    if (newest > host->newest) {
      auto before = std::next(host->staged.rbegin());
      const std::int64_t previous =
          before != host->staged.rend() ? std::max(before->first, host->newest) : host->newest;
      if (previous != INT64_MIN) host->observed_interval = newest - previous;
      host->newest = newest;
      host->latest = packed;
    }
    host->first_seen = std::min(host->first_seen, host->staged.begin()->first);
    host->last_seen = std::max(host->last_seen, host->newest);
    host->last_heard = now;
    if (host->staged_facts != nullptr) host->facts = *host->staged_facts;
    host->staged_facts = nullptr;
    host->is_new = false;
    count_pending(host->staged);
    host->pending.merge(host->staged);
    host->staged.clear();
  }
}

/// A node of the map, and the bytes where they lie outside of it; each with the allocator's part.
std::size_t SqliteStore::memory_of(const std::string& packed) {
  constexpr std::size_t kNode = 96;
  constexpr std::size_t kBlockOverhead = 16;
  return kNode + packed.capacity() + kBlockOverhead;
}

void SqliteStore::count_pending(const PackedByTime& readings) {
  pending_count_ += readings.size();
  for (const auto& [timestamp, packed] : readings) pending_bytes_ += memory_of(packed);
}

void SqliteStore::uncount_pending(PackedByTime::const_iterator begin, PackedByTime::const_iterator end) {
  for (; begin != end; ++begin) {
    --pending_count_;
    pending_bytes_ -= memory_of(begin->second);
  }
}

void SqliteStore::unstage(const std::vector<Host*>& touched, std::size_t series_before,
                          std::size_t layouts_before) {
  codec_.shrink_to(series_before, layouts_before);
  const std::unique_lock lock(mutex_);
  for (Host* host : touched) {
    host->staged.clear();
    host->staged_facts = nullptr;
  }
  std::erase_if(hosts_, [](const auto& entry) { return entry.second->is_new; });
}

bool SqliteStore::forget_host(std::string_view hostname) {
  recover_if_broken();
  const auto found = hosts_.find(hostname);
  if (found == hosts_.end()) return false;
  Host& host = *found->second;
  in_transaction(Sync::at_once, [&] {
    SQLite::Statement& remember = statement("INSERT INTO forgotten_host (id) VALUES (?)");
    remember.bind(1, host.id);
    remember.exec();
    SQLite::Statement& remove = statement("DELETE FROM host WHERE id = ?");
    remove.bind(1, host.id);
    remove.exec();
  });
  has_forgotten_ = true;
  const std::unique_lock lock(mutex_);
  uncount_pending(host.pending.begin(), host.pending.end());
  hosts_.erase(found);
  return true;
}

/// The host goes on under a new number; what was stored under the old one is a stranger's and is deleted in
/// time.
bool SqliteStore::clean_host(std::string_view hostname, std::int64_t now) {
  recover_if_broken();
  const auto found = hosts_.find(hostname);
  if (found == hosts_.end()) return false;
  Host& host = *found->second;
  const std::int64_t id = next_host_id_;
  in_transaction(Sync::at_once, [&] {
    SQLite::Statement& remember = statement("INSERT INTO forgotten_host (id) VALUES (?)");
    remember.bind(1, host.id);
    remember.exec();
    // Deleted and inserted, not renumbered: SQLite remembers only numbers that were inserted as used.
    SQLite::Statement& remove = statement("DELETE FROM host WHERE id = ?");
    remove.bind(1, host.id);
    remove.exec();
    SQLite::Statement& insert =
        statement("INSERT INTO host (id, name, first_seen, last_seen, facts) VALUES (?, ?, ?, ?, ?)");
    insert.bind(1, id);
    insert.bind(2, host.name);
    insert.bind(3, now);
    insert.bind(4, now);
    insert.bind(5, protocol::to_json(host.facts).dump());
    insert.exec();
  });
  ++next_host_id_;
  has_forgotten_ = true;
  const std::unique_lock lock(mutex_);
  uncount_pending(host.pending.begin(), host.pending.end());
  host.id = id;
  host.first_seen = host.last_seen = now;
  host.newest = host.newest_filed = INT64_MIN;
  host.latest.clear();
  host.pending.clear();
  return true;
}

void SqliteStore::probe() {
  recover_if_broken();
  in_transaction(Sync::at_once, [&] {
    // Writes a page, so that a full or read-only disk shows; leaves nothing behind.
    SQLite::Statement& insert = statement("INSERT INTO forgotten_host (id) VALUES (-1)");
    insert.exec();
    statement("DELETE FROM forgotten_host WHERE id = -1").exec();
  });
}

StoreStatistics SqliteStore::statistics() const {
  StoreStatistics statistics;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(options_.path + suffix, error);
    if (!error) statistics.database_bytes += size;
  }
  const std::shared_lock lock(mutex_);
  statistics.hosts = hosts_.size();
  statistics.pending_readings = pending_count_;
  statistics.pending_bytes = pending_bytes_;
  statistics.series = codec_.series_count();
  return statistics;
}

}  // namespace hostwatch::storage::sqlite
