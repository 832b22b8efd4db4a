// SqliteStore: readings on their way from the journal into the tail and on into chunks, in small
// transactions.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/storage/sqlite/schema.h"
#include "server/storage/sqlite/sqlite_errors.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kFilingHosts = 500;  ///< a transaction
constexpr int kLogPages = 1000;

}  // namespace

bool SqliteStore::maintain(std::int64_t now) {
  recover_if_broken();
  settle_clock(now);
  look_for_file_now_and_then(now);
  count_young_hosts(now);
  mend_journal();
  const bool are_compared = compare_with_chunks(now);
  mend_bookkeeping();
  if (!are_compared) return true;
  if (bring_log_home()) return true;
  // In turns, so that neither waits for the other while readings come without a pause.
  compaction_first_ = !compaction_first_;
  if (compaction_first_ && compact()) return true;
  try {
    if (file_pending(now)) return true;
  } catch (...) {
    // The slice was rolled back: begin anew, or the journal would be dropped with the slice's readings
    // unfiled.
    filing_ = false;
    throw;
  }
  if (compact()) return true;
  if (delete_forgotten()) return true;
  if (delete_expired(now)) return true;
  if (save_space()) return true;
  if (compact_when_idle()) return true;
  if (mend_roll_ups()) return true;
  if (give_back_names(now)) return true;
  return give_back_space();
}

/// Checkpoints between transactions, so that it is a piece of its own and no commit waits for it.
bool SqliteStore::bring_log_home() {
  if (log_pages_ < kLogPages) return false;
  log_pages_ = 0;
  writer_->reset_statements();
  try {
    writer_->database().exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch (const SQLite::Exception& error) {
    broken_ = true;
    throw StoreError(std::string("the disk with the database fails: ") + error.what());
  }
  return true;
}

bool SqliteStore::begin_filing(std::int64_t now) {
  const bool due = pending_count_ >= options_.file_after_readings ||
                   pending_bytes_ >= options_.max_pending_bytes / 2 ||
                   now - last_filed_ >= options_.file_after_seconds || now < last_filed_;
  if (!due || pending_count_ == 0) return false;
  filing_ = true;
  filing_up_to_ = next_sequence_ - 1;
  filing_hosts_.clear();
  for (const auto& [name, host] : hosts_) {
    if (!host->pending.empty()) filing_hosts_.push_back(name);
  }
  return true;
}

/// One transaction of filing; true if the filing under way has more to do.
bool SqliteStore::file_pending(std::int64_t now) {
  if (!filing_ && !begin_filing(now)) return false;
  // How far each host of this slice gets: its pending readings before that time are filed.
  std::vector<std::pair<Host*, PackedByTime::iterator>> filed;
  std::size_t count = 0;
  in_transaction(Sync::later, [&] {
    while (!filing_hosts_.empty() && count < options_.file_at_once && filed.size() < kFilingHosts) {
      const auto found = hosts_.find(filing_hosts_.back());
      if (found != hosts_.end() && !found->second->pending.empty()) {
        Host& host = *found->second;
        auto end = host.pending.end();
        count += file_host(host, options_.file_at_once - count, end);
        filed.emplace_back(&host, end);
        if (end != host.pending.end()) break;  // the slice is full; the host goes on in the next
      }
      filing_hosts_.pop_back();
    }
    if (filing_hosts_.empty()) {
      SQLite::Statement& drop = statement("DELETE FROM journal WHERE sequence <= ?");
      drop.bind(1, filing_up_to_);
      drop.exec();
    }
    // What came since the filing began may be filed with it: its rows stay, and are compared with the tail
    // and the chunks when they are read back.
    const std::int64_t last = next_sequence_ - 1;
    SQLite::Statement& state = statement("UPDATE state SET filings = filings + 1, filing_up_to = ?");
    state.bind(1, filing_hosts_.empty() && last == filing_up_to_ ? 0 : last);
    state.exec();
  });
  after_commit([&] { publish_filed(filed); });
  if (!filing_hosts_.empty()) return true;
  filing_ = false;
  last_filed_ = now;
  return false;
}

/// Writes up to `most` of the host's pending readings into its tail; `end`: the first that is not among them.
std::size_t SqliteStore::file_host(Host& host, std::size_t most, PackedByTime::iterator& end) {
  TailWriter writer(statement(TailWriter::kInsert), host.id, host.next_tail, host.leaf_period);
  std::size_t count = 0;
  auto at = host.pending.begin();
  for (; at != host.pending.end() && count < most; ++at, ++count) writer.add(at->first, *at->second);
  writer.flush();
  end = at;
  host.filed_rows = writer.rows();
  write_filed(host, std::prev(at), static_cast<std::int64_t>(count), writer.next_number());
  SQLite::Statement& seen = statement("UPDATE host SET first_seen = ?1 WHERE id = ?2 AND first_seen > ?1");
  seen.bind(1, host.first_seen);
  seen.bind(2, host.id);
  seen.exec();
  return count;
}

/// The host's row in `filed`, after readings up to `newest` were put into its tail.
void SqliteStore::write_filed(const Host& host, PackedByTime::const_iterator newest, std::int64_t count,
                              std::int64_t next_tail) {
  const std::string series = host.series.pack();
  if (newest->first <= host.newest_filed) {
    SQLite::Statement& update =
        statement("UPDATE filed SET next_tail = ?, uncompacted = ?, series = ? WHERE host = ?");
    update.bind(1, next_tail);
    update.bind(2, host.uncompacted + count);
    update.bindNoCopy(3, series.data(), static_cast<int>(series.size()));
    update.bind(4, host.id);
    update.exec();
    return;
  }
  const std::int64_t before = newest == host.pending.begin()
                                  ? host.newest_filed
                                  : std::max(std::prev(newest)->first, host.newest_filed);
  SQLite::Statement& replace = statement(
      "INSERT OR REPLACE INTO filed (host, newest, interval, next_tail, uncompacted, series, latest) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  replace.bind(1, host.id);
  replace.bind(2, newest->first);
  replace.bind(3, before == INT64_MIN ? 0 : newest->first - before);
  replace.bind(4, next_tail);
  replace.bind(5, host.uncompacted + count);
  replace.bindNoCopy(6, series.data(), static_cast<int>(series.size()));
  replace.bindNoCopy(7, newest->second->data(), static_cast<int>(newest->second->size()));
  replace.exec();
}

void SqliteStore::publish_filed(const std::vector<std::pair<Host*, PackedByTime::iterator>>& filed) {
  const std::unique_lock lock(mutex_);
  ++filings_;
  for (const auto& [host, end] : filed) {
    host->newest_filed = std::max(host->newest_filed, std::prev(end)->first);
    for (const TailRow& row : host->filed_rows) {
      if (host->tail_known) host->tail.push_back(row);
      host->uncompacted += row.readings;
      // The pass of retention comes to them in minutes, or has passed by them.
      reach_.reading = std::min(reach_.reading, row.first);
      measured_.oldest_reading = std::min(measured_.oldest_reading, row.first);
      host->next_tail = row.number + 1;
    }
    host->filed_rows.clear();
    uncount_pending(host->pending.begin(), end);
    host->pending.erase(host->pending.begin(), end);
    want_compaction(*host);
    if (host->tail_known && host->compact_before != 0) compact_before(*host, host->compact_before);
  }
}

/// A large chunk is written anew for many readings, or for few when there is nothing else to do.
void SqliteStore::want_compaction(Host& host) {
  if (host.uncompacted < options_.compact_after_readings || host.awaits_compaction) return;
  if (is_put_off(host)) return;
  const std::int64_t enough = std::min(host.chunk_rows / 4, options_.most_uncompacted);
  if (host.uncompacted >= enough) {
    queue_compaction(host);
  } else if (!host.may_be_compacted) {
    to_compact_when_idle_.push_back(host.name);
    host.may_be_compacted = true;
  }
}

void SqliteStore::queue_compaction(Host& host) {
  to_compact_.push_back(host.name);
  host.awaits_compaction = true;
}

bool SqliteStore::compact_when_idle() {
  while (!to_compact_when_idle_.empty()) {
    const auto found = hosts_.find(to_compact_when_idle_.front());
    to_compact_when_idle_.pop_front();
    if (found == hosts_.end()) continue;
    Host& host = *found->second;
    host.may_be_compacted = false;
    if (host.uncompacted < options_.compact_after_readings || host.awaits_compaction) continue;
    if (is_put_off(host)) continue;
    queue_compaction(host);
    return compact();
  }
  return false;
}

/// After an earlier version: looks at one chunk more, whether its roll-ups stand for all of it.
bool SqliteStore::mend_roll_ups() {
  if (!may_mend_) return false;
  in_transaction(Sync::later, [&] {
    SQLite::Statement& check = statement("SELECT level, after, mended FROM roll_up_check");
    may_mend_ = check.executeStep();
    if (!may_mend_) return;
    const Level level = check.getColumn(0).getInt() == 0 ? Level::raw : Level::minute;
    const std::int64_t after = check.getColumn(1).getInt64();
    std::int64_t mended = check.getColumn(2).getInt64();
    check.reset();
    SQLite::Statement& next = statement(
        level == Level::raw ? "SELECT id, period, rolled FROM raw_chunk WHERE id > ? ORDER BY id LIMIT 1"
                            : "SELECT id, period, rolled FROM minute_chunk WHERE id > ? ORDER BY id LIMIT 1");
    next.bind(1, after);
    if (!next.executeStep()) {
      if (level == Level::raw) {
        statement("UPDATE roll_up_check SET level = 1, after = 0").exec();
        return;
      }
      statement("DELETE FROM roll_up_check").exec();
      if (mended != 0) {
        spdlog::warn(
            "an earlier version had made {} roll-ups of a part of their readings: they are made anew, of "
            "those that are still there",
            mended);
      }
      return;
    }
    const std::int64_t id = next.getColumn(0).getInt64();
    const Leaf leaf{level,          host_of_row(id),
                    low_of_row(id), next.getColumn(1).getInt64(),
                    true,           next.getColumn(2).getInt() != 0};
    next.reset();
    mended += static_cast<std::int64_t>(compactor_->mend_roll_ups(leaf));
    SQLite::Statement& update = statement("UPDATE roll_up_check SET after = ?, mended = ?");
    update.bind(1, id);
    update.bind(2, mended);
    update.exec();
  });
  return may_mend_;
}

/// One piece of compaction of the host that waits longest; true if there was any.
bool SqliteStore::compact() {
  while (!to_compact_.empty()) {
    const auto found = hosts_.find(to_compact_.front());
    if (found == hosts_.end() || found->second->uncompacted == 0) {
      if (found != hosts_.end()) found->second->awaits_compaction = false;
      to_compact_.pop_front();
      continue;
    }
    Host& host = *found->second;
    if (!host.tail_known) in_transaction(Sync::later, [&] { tail_of(host); });
    if (mend_bookkeeping()) return true;
    compact(host);
    return true;
  }
  return false;
}

/// Where it cannot be done for what the host's rows are, no other host waits for it.
void SqliteStore::compact(Host& host) {
  CompactionPiece piece;
  try {
    in_transaction(Sync::later, [&] {
      piece = compactor_->compact(host.id, tail_of(host), host.next_tail);
      SQLite::Statement& update = statement("UPDATE filed SET next_tail = ?, uncompacted = ? WHERE host = ?");
      update.bind(1, piece.next_number);
      update.bind(2, host.uncompacted - piece.readings);
      update.bind(3, host.id);
      update.exec();
    });
  } catch (const DiskError&) {
    throw;
  } catch (const StoreError& error) {
    to_compact_.pop_front();
    host.awaits_compaction = false;
    put_off(host, error.what());
    return;
  }
  after_commit([&] {
    note_compaction(host, piece);
    end_putting_off(host);
    // The next host's turn comes first: none waits for one with a long backlog.
    to_compact_.pop_front();
    host.awaits_compaction = false;
    const bool is_old = std::any_of(host.tail.begin(), host.tail.end(),
                                    [&host](const TailRow& row) { return row.first < host.compact_before; });
    host.compacts_all = host.compacts_all && !host.tail.empty();
    if (!piece.added.empty() || is_old || host.compacts_all ||
        host.uncompacted >= options_.compact_after_readings) {
      queue_compaction(host);
    }
  });
}

void SqliteStore::note_compaction(Host& host, const CompactionPiece& piece) {
  const std::unique_lock lock(mutex_);
  std::erase_if(host.tail, [&](const TailRow& row) {
    return std::find(piece.removed.begin(), piece.removed.end(), row.number) != piece.removed.end();
  });
  host.tail.insert(host.tail.end(), piece.added.begin(), piece.added.end());
  host.next_tail = piece.next_number;
  host.uncompacted -= piece.readings;
  host.leaf_period = piece.leaf_period;
  if (piece.leaf_rows != 0) host.chunk_rows = piece.leaf_rows;
  filed_readings_->note_compaction(host.id, piece.removed, piece.newest);
}

}  // namespace hostwatch::storage::sqlite
