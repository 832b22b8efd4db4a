// SqliteStore: what is noted of a host's rows (the table `filed`) is held against the rows, and what cannot
// be right is set anew from them; and the upkeep of a host whose rows cannot be worked on waits for nobody
// else's sake.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/schema.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kMostUncompacted = std::int64_t{1} << 40;  ///< more than any disk holds
constexpr std::int64_t kPutOffAtFirst = 60;                       ///< seconds
constexpr std::int64_t kPutOffAtMost = 3600;
constexpr std::size_t kComparedAtOnce = 20;   ///< hosts: a chunk's times are read for each
constexpr std::int64_t kAheadOfClock = 3600;  ///< seconds; readings come from five minutes ahead at most

std::int64_t readings_of(const std::vector<TailRow>& tail) {
  std::int64_t readings = 0;
  for (const TailRow& row : tail) readings += row.readings;
  return readings;
}

std::int64_t newest_of(const std::vector<TailRow>& tail) {
  std::int64_t newest = INT64_MIN;
  for (const TailRow& row : tail) newest = std::max(newest, row.last);
  return newest;
}

}  // namespace

/// Of the series it is known again with the next readings which it has.
void SqliteStore::load_series(Host& host, std::string_view packed) {
  try {
    host.series = HostSeries::unpack(packed);
  } catch (const StoreError&) {
    host.series = {};
    contradicts(host, "its list of series cannot be read");
  }
}

/// Where it cannot be read, the reading itself is looked for; where that is kept no longer, nothing is known
/// of the host's latest values until it sends again.
void SqliteStore::load_latest(Host& host, std::string_view packed) {
  std::vector<StoredValue> values;
  try {
    if (!packed.empty()) {
      codec_.decode(packed, values);
      host.latest = std::make_shared<const std::string>(packed);
      return;
    }
  } catch (const StoreError&) {
    contradicts(host, "its latest reading cannot be read");
  }
  host.latest.reset();
  try {
    const auto found = filed_readings_->reading_at(host.id, tail_of(host), host.newest);
    if (!found) return;
    codec_.decode(*found, values);
    host.latest = std::make_shared<const std::string>(*found);
    if (packed.empty()) contradicts(host, "its latest reading is missing");
  } catch (const StoreError&) {
    return;  // it is damaged where it is stored, too
  }
}

/// At the start: one look at the last row of the host's tail. How many readings there are, and which is the
/// newest of all, is compared when the tail is read for the first time, within minutes; here only where it
/// cannot be right.
void SqliteStore::compare_with_rows(Host& host, bool is_filed) {
  SQLite::Statement& last =
      statement("SELECT id, last FROM tail WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
  last.bind(1, row_id(host.id, 0));
  last.bind(2, row_id(host.id, kGreatestLow));
  const bool has_rows = last.executeStep();
  const std::int64_t next = has_rows ? low_of_row(last.getColumn(0).getInt64()) + 1 : 0;
  const std::int64_t newest = has_rows ? last.getColumn(1).getInt64() : INT64_MIN;
  last.tryReset();
  if (!is_filed) {
    remake_filed(host);
    return;
  }
  if (host.next_tail < next || host.next_tail > kGreatestLow) {
    contradicts(host, "the next row of its tail is noted as number " + std::to_string(host.next_tail));
    host.next_tail = next;
  }
  const bool is_possible = (host.uncompacted > 0) == has_rows && host.uncompacted >= 0 &&
                           host.uncompacted < kMostUncompacted && newest <= host.newest_filed;
  if (is_possible) return;
  tail_of(host);
  compare_with_tail(host);
  for (const TailRow& row : host.tail) {
    // Else what comes would be taken for new that is there already.
    if (row.last <= host.newest_filed) continue;
    host.newest = host.newest_filed = std::max(host.newest_filed, filed_readings_->reckon(host.id, row).last);
  }
}

/// Whether what is noted is what the rows of the tail say. Called when they have been read.
void SqliteStore::compare_with_tail(Host& host) {
  const std::int64_t readings = readings_of(host.tail);
  if (readings != host.uncompacted) {
    contradicts(host, std::to_string(host.uncompacted) + " readings are noted to be in its tail, and " +
                          std::to_string(readings) + " are");
  }
  if (newest_of(host.tail) > host.newest_filed) {
    contradicts(host, "its newest reading is noted as one of another time");
  }
}

/// After a start: the newest reading of each host, by its last chunk, before the host's next reading is
/// taken. False while there are more hosts.
bool SqliteStore::compare_with_chunks(std::int64_t now) {
  for (std::size_t i = 0; i < kComparedAtOnce && !uncompared_.empty(); ++i) {
    const auto found = hosts_.find(uncompared_.back());
    uncompared_.pop_back();
    if (found != hosts_.end() && !found->second->is_compared) compare_newest(*found->second, now);
  }
  return uncompared_.empty();
}

/// One that is noted as older than it is would let readings be stored twice; one ahead of all clocks would
/// have the host up for ever. What lies between may have been deleted for its age.
void SqliteStore::compare_newest(Host& host, std::int64_t now) {
  host.is_compared = true;
  if (host.newest_filed == INT64_MIN) return;
  const std::int64_t in_chunks = filed_readings_->newest_in_chunks(host.id);
  if (in_chunks == INT64_MAX) return;
  const bool is_ahead = host.newest_filed > in_chunks && host.newest_filed > now + kAheadOfClock;
  const std::int64_t stored =
      is_ahead ? std::max(in_chunks, newest_of(tail_of(host))) : std::max(in_chunks, host.newest_filed);
  if (stored == host.newest_filed) return;
  contradicts(host, "its newest reading is noted as one of another time");
  const std::unique_lock lock(mutex_);
  host.newest_filed = stored;
  const std::int64_t pending = host.pending.empty() ? INT64_MIN : host.pending.rbegin()->first;
  host.newest = std::max(stored, pending);
  if (is_ahead) host.last_seen = host.last_heard = host.newest == INT64_MIN ? host.first_seen : host.newest;
}

/// Of a host of which nothing is noted: whether it has something.
void SqliteStore::remake_filed(Host& host) {
  host.tail_known = false;
  for (const TailRow& row : tail_of(host)) {
    host.newest_filed = std::max(host.newest_filed, row.last);
    host.next_tail = row.number + 1;
  }
  SQLite::Statement& last =
      statement("SELECT id, period FROM raw_chunk WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
  last.bind(1, row_id(host.id, 0));
  last.bind(2, row_id(host.id, kGreatestLow));
  if (last.executeStep()) {
    const std::int64_t start = low_of_row(last.getColumn(0).getInt64());
    const std::int64_t period = likely_period(Level::raw, start, last.getColumn(1).getInt64());
    last.tryReset();
    const auto rows = compactor_->tables().filled({Level::raw, host.id, start, period, true, false});
    host.newest_filed = std::max(host.newest_filed, rows.end - 1);
  }
  last.tryReset();
  host.newest = host.newest_filed;
  if (host.newest == INT64_MIN) return;
  contradicts(host, "nothing is noted of what is stored of it");
  load_latest(host, {});
}

/// It is set anew with the next piece of maintenance.
void SqliteStore::contradicts(const Host& host, const std::string& what) {
  std::string& text = contradictions_[host.name];
  if (text.find(what) == std::string::npos) text += (text.empty() ? "" : "; ") + what;
}

/// Sets what is noted of hosts anew, from their rows, and says so. True if there was any.
bool SqliteStore::mend_bookkeeping() {
  if (contradictions_.empty()) return false;
  const auto contradictions = contradictions_;
  std::vector<std::pair<Host*, std::vector<TailRow>>> mended;
  in_transaction(Sync::later, [&] {
    for (const auto& [name, what] : contradictions) {
      const auto found = hosts_.find(name);
      if (found == hosts_.end()) continue;
      std::vector<TailRow> tail = mend_tail(*found->second);
      write_bookkeeping(*found->second, tail);
      mended.emplace_back(found->second.get(), std::move(tail));
    }
  });
  for (const auto& [name, what] : contradictions) {
    spdlog::warn(
        "what the database notes of host '{}' contradicts its rows: {}. It is set anew from the rows; no "
        "reading is lost by that",
        name, what);
  }
  after_commit([&] {
    contradictions_.clear();
    const std::unique_lock lock(mutex_);
    for (auto& [host, tail] : mended) {
      host->uncompacted = readings_of(tail);
      host->newest_filed = std::max(host->newest_filed, newest_of(tail));
      host->newest = std::max(host->newest, host->newest_filed);
      host->tail = std::move(tail);
      want_compaction(*host);
    }
  });
  return true;
}

/// A row of the journal that is damaged is kept apart as a whole; what comes before the damage stays in it.
void SqliteStore::mend_journal() {
  if (damaged_journal_.empty()) return;
  in_transaction(Sync::later, [&] {
    for (const std::int64_t sequence : damaged_journal_) {
      SQLite::Statement& select = statement("SELECT readings FROM journal WHERE sequence = ?");
      select.bind(1, sequence);
      if (!select.executeStep()) continue;
      const std::string bytes(blob(select.getColumn(0)));
      select.tryReset();
      JournalBlockWriter whole;
      try {
        read_journal_block(bytes, [&](std::int64_t host, std::int64_t timestamp, std::string_view packed) {
          whole.add(host, timestamp, packed);
        });
      } catch (const StoreError&) {
        compactor_->tables().keep_apart(Level::raw, "journal", sequence, bytes);
      }
      SQLite::Statement& update = statement("UPDATE journal SET readings = ? WHERE sequence = ?");
      update.bind(1, whole.bytes().data(), static_cast<int>(whole.bytes().size()));
      update.bind(2, sequence);
      update.exec();
    }
  });
  spdlog::error(
      "{} rows of the journal cannot be read to their end: what comes before the damage is taken, the rows "
      "are kept apart, in damaged_chunk",
      damaged_journal_.size());
  damaged_journal_.clear();
}

/// The rows of the host's tail, as their readings are.
std::vector<TailRow> SqliteStore::mend_tail(Host& host) {
  std::vector<TailRow> tail = tail_of(host);
  for (TailRow& row : tail) {
    const TailRow found = filed_readings_->reckon(host.id, row);
    if (found.first == row.first && found.last == row.last && found.readings == row.readings) continue;
    row = found;
    SQLite::Statement& update = statement("UPDATE tail SET first = ?, last = ?, readings = ? WHERE id = ?");
    update.bind(1, row.first);
    update.bind(2, row.last);
    update.bind(3, row.readings);
    update.bind(4, row_id(host.id, row.number));
    update.exec();
  }
  return tail;
}

void SqliteStore::write_bookkeeping(const Host& host, const std::vector<TailRow>& tail) {
  const std::int64_t newest = std::max(host.newest_filed, newest_of(tail));
  if (newest == INT64_MIN) return;  // it has nothing
  const std::string series = host.series.pack();
  const std::string latest = host.latest ? *host.latest : std::string();
  SQLite::Statement& replace = statement(
      "INSERT OR REPLACE INTO filed (host, newest, interval, next_tail, uncompacted, series, latest) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  replace.bind(1, host.id);
  replace.bind(2, newest);
  replace.bind(3, host.observed_interval);
  replace.bind(4, host.next_tail);
  replace.bind(5, readings_of(tail));
  replace.bind(6, series.data(), static_cast<int>(series.size()));
  replace.bind(7, latest.data(), static_cast<int>(latest.size()));
  replace.exec();
}

/// For what its rows are nothing of the host can be compacted, or deleted for its age: it is tried again ever
/// more rarely, and nobody else waits.
void SqliteStore::put_off(Host& host, const std::string& why) {
  const bool is_first = host.put_off_for == 0;
  {
    const std::unique_lock lock(mutex_);
    host.put_off_for = is_first ? kPutOffAtFirst : std::min(host.put_off_for * 2, kPutOffAtMost);
  }
  host.put_off_until = settled_steady_ + host.put_off_for;
  if (!is_first) return;
  spdlog::error(
      "the rows of host '{}' (number {}) cannot be worked on: {}. Its readings are taken and shown, but take "
      "more room than they need; other hosts do not wait for it. `hostwatch-server check` names what is "
      "damaged: restore a backup, or delete the host's history",
      host.name, host.id, why);
}

void SqliteStore::end_putting_off(Host& host) {
  if (host.put_off_for == 0) return;
  {
    const std::unique_lock lock(mutex_);
    host.put_off_for = host.put_off_until = 0;
  }
  spdlog::info("the rows of host '{}' can be worked on again", host.name);
}

}  // namespace hostwatch::storage::sqlite
