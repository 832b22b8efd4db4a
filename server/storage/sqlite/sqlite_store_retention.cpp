// SqliteStore: what is no longer kept.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "server/storage/sqlite/schema.h"
#include "server/storage/sqlite/sqlite_errors.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kExpireEverySeconds = 300;
constexpr std::size_t kExpireHosts = 50;  ///< a piece
constexpr std::size_t kExpireChunks = 4;
constexpr int kDeleteRows = 50;

}  // namespace

std::int64_t SqliteStore::earliest_kept(std::int64_t now) const {
  return std::max<std::int64_t>(now - options_.retention.readings, earliest_reading_);
}

std::int64_t SqliteStore::earliest_history(std::int64_t now) const {
  return std::max<std::int64_t>(now - options_.retention.hours, earliest_hour_);
}

void SqliteStore::settle_clock(std::int64_t now) {
  const std::int64_t steady = options_.steady_seconds();
  const std::int64_t before = settled_;
  settled_ = clock_.settle(now, steady);
  settled_steady_ = steady;
  if (settled_ < before) look_at_borders_at_ = steady + SettledClock::kProofSeconds;
  if (!look_at_borders_at_ || steady < *look_at_borders_at_) return;
  mend_borders();
  look_at_borders_at_.reset();
}

/// Where history was given by a clock that was ahead, all that comes would be refused until then. Not of
/// hosts that are younger than the time is now: then it is the clock that is behind.
void SqliteStore::mend_borders() {
  std::vector<std::pair<Host*, KeptFrom>> mended;
  for (const auto& [name, host] : hosts_) {
    if (std::max(host->first_seen, host->known_since) > settled_) continue;
    const KeptFrom& from = host->kept_from;
    if (std::max({from.reading, from.minute, from.hour}) <= settled_) continue;
    mended.emplace_back(host.get(), KeptFrom{std::min(from.reading, settled_),
                                             std::min(from.minute, settled_), std::min(from.hour, settled_)});
  }
  if (mended.empty()) return;
  in_transaction(Sync::later, [&] {
    for (const auto& [host, from] : mended) write_kept_from(*host, from);
  });
  spdlog::warn(
      "history of {} hosts had been deleted up to a time that is still to come, since the clock had been "
      "ahead: their readings are taken from now on",
      mended.size());
  const std::unique_lock lock(mutex_);
  for (const auto& [host, from] : mended) host->kept_from = from;
  latest_kept_from_ = 0;
  for (const auto& [name, host] : hosts_) keep_from(*host, KeptFrom(host->kept_from));
}

/// One slice of what hosts left that were forgotten.
bool SqliteStore::delete_forgotten() {
  if (!has_forgotten_) return false;
  constexpr std::array<const char*, 5> kDeletes{
      "DELETE FROM tail WHERE id IN (SELECT id FROM tail WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM raw_chunk WHERE id IN (SELECT id FROM raw_chunk WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM minute_chunk WHERE id IN (SELECT id FROM minute_chunk WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM hour_chunk WHERE id IN (SELECT id FROM hour_chunk WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM damaged_chunk WHERE number IN "
      "(SELECT number FROM damaged_chunk WHERE id BETWEEN ? AND ? LIMIT ?)"};
  in_transaction(Sync::later, [&] {
    SQLite::Statement& next = statement("SELECT id FROM forgotten_host LIMIT 1");
    has_forgotten_ = next.executeStep();
    if (!has_forgotten_) return;
    const std::int64_t host = next.getColumn(0).getInt64();
    next.reset();
    for (const char* sql : kDeletes) {
      SQLite::Statement& remove = statement(sql);
      remove.bind(1, row_id(host, 0));
      remove.bind(2, row_id(host, kGreatestLow));
      remove.bind(3, kDeleteRows);
      if (remove.exec() != 0) return;
    }
    for (const char* sql : {"DELETE FROM filed WHERE host = ?", "DELETE FROM kept_from WHERE host = ?",
                            "DELETE FROM forgotten_host WHERE id = ?"}) {
      SQLite::Statement& done = statement(sql);
      done.bind(1, host);
      done.exec();
    }
  });
  return has_forgotten_;
}

/// One slice of the chunks that are older than they are kept; each host in its turn, all within minutes.
/// Learns on the way how far the history reaches.
bool SqliteStore::delete_expired(std::int64_t now) {
  if (expiring_hosts_.empty()) {
    const bool is_due = now - last_expired_ >= kExpireEverySeconds || now < last_expired_;
    if (!is_due && !is_over_size(now)) return false;
    std::vector<std::string> all;
    all.reserve(hosts_.size());
    for (const auto& [name, host] : hosts_) all.push_back(name);
    last_expired_ = now;
    can_shrink_ = true;  // to be tried again
    expiring_hosts_ = std::move(all);
    reach_ = {};
    has_deleted_ = false;
    turns_.clear();
    record_size(now);
    // It reads a row of each chunk, so only where it is needed.
    measures_hosts_ = options_.max_database_bytes != 0 && used_bytes() > options_.max_database_bytes;
    if (expiring_hosts_.empty()) publish_reach();
    return !expiring_hosts_.empty();
  }
  expire_some(now);
  if (expiring_hosts_.empty()) publish_reach();
  return !expiring_hosts_.empty();
}

/// One transaction of it. Where a host's rows cannot be worked on, the others' turn comes without it.
void SqliteStore::expire_some(std::int64_t now) {
  std::vector<std::pair<Host*, KeptFrom>> lost;
  std::vector<GivingTurns::Weight> weights;
  std::size_t done = 0;  // of the last ones
  Host* failed = nullptr;
  try {
    in_transaction(Sync::later, [&] {
      for (std::size_t i = 0; i < kExpireHosts && done < expiring_hosts_.size(); ++i) {
        const auto found = hosts_.find(expiring_hosts_[expiring_hosts_.size() - 1 - done]);
        if (found != hosts_.end()) {
          Host& host = *found->second;
          failed = &host;
          const bool is_done = expire_host(host, lost);
          compact_old_tail(host, now);
          try_again(host);
          if (!is_done) return;
          if (measures_hosts_) weights.push_back(weight_of(host, now));
        }
        ++done;
      }
    });
  } catch (const DiskError&) {
    throw;
  } catch (const StoreError& error) {
    // Nothing was done: the others are still to come.
    if (failed == nullptr) throw;
    put_off(*failed, error.what());
    std::erase(expiring_hosts_, failed->name);
    return;
  }
  expiring_hosts_.resize(expiring_hosts_.size() - done);
  {
    const std::unique_lock lock(mutex_);
    for (const auto& [host, from] : lost) keep_from(*host, from);
  }
  for (GivingTurns::Weight& weight : weights) turns_.add(std::move(weight));
}

/// Returns whether the host is done with. Readings go first, and not before what the tail and memory have of
/// their time is with them in their chunk: minutes and hours stand for all of them then. What finer levels
/// still have is not taken from the coarser ones. `lost`: hosts whose history begins elsewhere now.
bool SqliteStore::expire_host(Host& host, std::vector<std::pair<Host*, KeptFrom>>& lost) {
  ChunkTables& tables = compactor_->tables();
  const KeptFrom& given = host.kept_from;
  KeptFrom from = given;
  std::size_t deleted = 0;
  const auto is_due = [&](Level level, std::int64_t before, std::int64_t cut) {
    const auto first = tables.first_after(level, host.id, 0);
    return first && (first->end <= before || first->begin < cut);
  };
  const auto expire = [&](Level level, std::int64_t before, std::int64_t cut, std::int64_t needed) {
    const auto gone = compactor_->expire(level, host.id, std::min(before, needed), std::min(cut, needed),
                                         kExpireChunks, given.minute);
    deleted += gone.chunks;
    if (gone.chunks != 0) from.reading = std::max(from.reading, gone.end);
  };
  const auto hour_of_first = [&](Level level) {
    const std::int64_t first = std::min(tables.first_row(level, host.id), oldest_loose(host));
    return first == INT64_MAX ? first : first - first % kHour;
  };
  bool waits = false;
  const std::int64_t readings_before = std::max(earliest_kept(settled_), given.reading);
  if (is_due(Level::raw, readings_before, given.reading)) {
    const std::int64_t loose = oldest_loose(host);
    waits = loose < readings_before && compact_before(host, readings_before);
    expire(Level::raw, readings_before, given.reading, loose);
  }
  const std::int64_t minutes_before =
      std::max({settled_ - options_.retention.minutes, std::int64_t{earliest_minute_}, given.minute});
  if (is_due(Level::minute, minutes_before, given.minute)) {
    expire(Level::minute, minutes_before, given.minute, hour_of_first(Level::raw));
  }
  const std::int64_t hours_before = std::max(earliest_history(settled_), given.hour);
  if (is_due(Level::hour, hours_before, given.hour)) {
    expire(Level::hour, hours_before, given.hour,
           std::min(hour_of_first(Level::raw), hour_of_first(Level::minute)));
  }
  if (deleted != 0) filed_readings_->forget(host.id);
  has_deleted_ = has_deleted_ || deleted != 0;
  if (from.reading != given.reading) {
    write_kept_from(host, from);
    lost.emplace_back(&host, from);
  }
  if (deleted != 0 || waits) return false;
  note_reach(host);
  return true;
}

/// The oldest reading that is in no chunk; INT64_MAX: all are.
std::int64_t SqliteStore::oldest_loose(Host& host) {
  std::int64_t oldest = host.pending.empty() ? INT64_MAX : host.pending.begin()->first;
  if (host.uncompacted == 0) return oldest;
  for (const TailRow& row : tail_of(host)) oldest = std::min(oldest, row.first);
  return oldest;
}

void SqliteStore::write_kept_from(const Host& host, const KeptFrom& from) {
  SQLite::Statement& replace =
      statement("INSERT OR REPLACE INTO kept_from (host, reading, minute, hour) VALUES (?, ?, ?, ?)");
  replace.bind(1, host.id);
  replace.bind(2, from.reading);
  replace.bind(3, from.minute);
  replace.bind(4, from.hour);
  replace.exec();
}

/// `mutex_` is held.
void SqliteStore::keep_from(Host& host, const KeptFrom& from) {
  host.kept_from = from;
  latest_kept_from_ = std::max<std::int64_t>(latest_kept_from_, from.reading);
}

bool SqliteStore::keeps(std::string_view hostname, std::int64_t timestamp) const {
  if (timestamp >= latest_kept_from_) return true;  // the common case takes no lock
  const std::shared_lock lock(mutex_);
  const auto found = hosts_.find(hostname);
  return found == hosts_.end() || timestamp >= found->second->kept_from.reading;
}

/// Where the host's history begins. Its first chunk may begin long before its first reading; it is looked
/// into only where that matters.
void SqliteStore::note_reach(Host& host) {
  ChunkTables& tables = compactor_->tables();
  const auto note = [&](std::int64_t& reach, Level level, std::int64_t step, std::int64_t kept_from) {
    const std::int64_t begin = tables.begin(level, host.id);
    if (begin == INT64_MAX) return;
    const std::int64_t bound = std::max({begin, host.first_seen / step * step, kept_from});
    if (bound >= reach) return;
    reach = std::min(reach, std::max(bound, tables.first_row(level, host.id)));
  };
  note(reach_.reading, Level::raw, 1, host.kept_from.reading);
  note(reach_.minute, Level::minute, kMinute, host.kept_from.minute);
  note(reach_.hour, Level::hour, kHour, host.kept_from.hour);
  if (host.uncompacted == 0) return;
  for (const TailRow& row : tail_of(host)) reach_.reading = std::min(reach_.reading, row.first);
}

/// A host that sends little, or nothing any more, has its readings compacted in time, too: only chunks
/// expire.
void SqliteStore::compact_old_tail(Host& host, std::int64_t now) {
  if (host.uncompacted == 0 || host.awaits_compaction || is_put_off(host)) return;
  const auto& tail = tail_of(host);
  const auto is_old = [now](const TailRow& row) { return row.first < now - kDay; };
  if (std::none_of(tail.begin(), tail.end(), is_old)) return;
  queue_compaction(host);
}

/// What was put off, when its time has come.
void SqliteStore::try_again(Host& host) {
  if (host.put_off_for == 0 || is_put_off(host) || host.awaits_compaction) return;
  if (host.uncompacted == 0) {
    end_putting_off(host);
  } else {
    queue_compaction(host);
  }
}

/// Has the older readings of the host's tail compacted; false if none of them is in it. Those that are
/// pending are when they come into it.
bool SqliteStore::compact_before(Host& host, std::int64_t time) {
  host.compact_before = time;
  if (is_put_off(host)) return false;  // what it still needs stays: the next pass asks again
  const auto& tail = tail_of(host);
  const auto is_old = [time](const TailRow& row) { return row.first < time; };
  if (host.uncompacted == 0 || std::none_of(tail.begin(), tail.end(), is_old)) return false;
  if (!host.awaits_compaction) queue_compaction(host);
  return true;
}

void SqliteStore::publish_reach() {
  check_size_ = true;
  begins_turns_ = true;
  const std::unique_lock lock(mutex_);
  measured_.oldest_reading = reach_.reading;
  measured_.oldest = std::min({reach_.reading, reach_.minute, reach_.hour});
}

}  // namespace hostwatch::storage::sqlite
