// SqliteStore: what is no longer kept.
#include <algorithm>
#include <array>

#include "server/storage/sqlite/schema.h"
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
    if (now - last_expired_ < kExpireEverySeconds && now >= last_expired_) return false;
    std::vector<std::string> all;
    all.reserve(hosts_.size());
    for (const auto& [name, host] : hosts_) all.push_back(name);
    last_expired_ = now;
    can_shrink_ = true;  // to be tried again
    expiring_hosts_ = std::move(all);
    reach_ = {};
    sizes_.clear();
    record_size(now);
    // It reads a row of each chunk, so only where it is needed.
    measures_hosts_ = options_.max_database_bytes != 0 && used_bytes() > options_.max_database_bytes;
    if (expiring_hosts_.empty()) publish_reach();
    return !expiring_hosts_.empty();
  }
  std::size_t deleted = 0;
  in_transaction(Sync::later, [&] {
    for (std::size_t i = 0; i < kExpireHosts && deleted == 0 && !expiring_hosts_.empty(); ++i) {
      const auto found = hosts_.find(expiring_hosts_.back());
      if (found != hosts_.end()) {
        deleted = expire_host(*found->second, now);
        compact_old_tail(*found->second, now);
      }
      if (deleted == 0) expiring_hosts_.pop_back();
    }
  });
  if (expiring_hosts_.empty()) publish_reach();
  return !expiring_hosts_.empty();
}

/// Returns how many chunks it has deleted; none: the host is done with.
std::size_t SqliteStore::expire_host(const Host& host, std::int64_t now) {
  const Retention& keep = options_.retention;
  const KeptFrom& from = host.kept_from;
  std::size_t deleted = 0;
  deleted +=
      compactor_->expire(Level::raw, host.id, std::max(earliest_kept(now), from.reading), kExpireChunks);
  deleted += compactor_->expire(Level::minute, host.id,
                                std::max({now - keep.minutes, std::int64_t{earliest_minute_}, from.minute}),
                                kExpireChunks);
  deleted +=
      compactor_->expire(Level::hour, host.id, std::max(earliest_history(now), from.hour), kExpireChunks);
  if (deleted != 0) {
    filed_readings_->forget(host.id);
    return deleted;
  }
  reach_.reading = std::min(reach_.reading, compactor_->begin(Level::raw, host.id));
  reach_.minute = std::min(reach_.minute, compactor_->begin(Level::minute, host.id));
  reach_.hour = std::min(reach_.hour, compactor_->begin(Level::hour, host.id));
  if (measures_hosts_) sizes_.push_back({host.name, bytes_of(host)});
  return 0;
}

/// A host that sends little, or nothing any more, has its readings compacted in time, too: only chunks
/// expire.
void SqliteStore::compact_old_tail(Host& host, std::int64_t now) {
  if (host.uncompacted == 0 || host.awaits_compaction) return;
  const auto& tail = tail_of(host);
  const auto is_old = [now](const TailRow& row) { return row.first < now - kDay; };
  if (std::none_of(tail.begin(), tail.end(), is_old)) return;
  queue_compaction(host);
}

void SqliteStore::publish_reach() {
  check_size_ = true;
  keep_heaviest();
  const std::unique_lock lock(mutex_);
  measured_.oldest_reading = reach_.reading;
  measured_.oldest = std::min({reach_.reading, reach_.minute, reach_.hour});
}

}  // namespace hostwatch::storage::sqlite
