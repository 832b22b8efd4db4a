// SqliteStore: what is no longer kept, and the space it took.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "server/storage/sqlite/schema.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kExpireEverySeconds = 300;
constexpr std::int64_t kSizeEverySeconds = 3600;
constexpr std::int64_t kSizesKeptSeconds = 30 * 86400;
constexpr std::int64_t kForecastSeconds = 3 * 86400;
constexpr std::size_t kExpireHosts = 50;  ///< a piece
constexpr std::size_t kExpireChunks = 4;
constexpr int kDeleteRows = 50;
/// Free pages that stay, because they will be used again soon.
constexpr std::int64_t kSparePages = 64;
constexpr std::int64_t kSpareShare = 50;

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
    for (const char* sql : {"DELETE FROM filed WHERE host = ?", "DELETE FROM forgotten_host WHERE id = ?"}) {
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
    last_expired_ = now;
    can_shrink_ = true;  // to be tried again
    for (const auto& [name, host] : hosts_) expiring_hosts_.push_back(name);
    reach_ = {};
    record_size(now);
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
  std::size_t deleted = 0;
  deleted += compactor_->expire(Level::raw, host.id, earliest_kept(now), kExpireChunks);
  deleted += compactor_->expire(Level::minute, host.id,
                                std::max<std::int64_t>(now - keep.minutes, earliest_minute_), kExpireChunks);
  deleted += compactor_->expire(Level::hour, host.id, earliest_history(now), kExpireChunks);
  if (deleted != 0) {
    filed_readings_->forget(host.id);
    return deleted;
  }
  reach_.reading = std::min(reach_.reading, compactor_->begin(Level::raw, host.id));
  reach_.minute = std::min(reach_.minute, compactor_->begin(Level::minute, host.id));
  reach_.hour = std::min(reach_.hour, compactor_->begin(Level::hour, host.id));
  return 0;
}

/// A host that sends little, or nothing any more, has its readings compacted in time, too: only chunks
/// expire.
void SqliteStore::compact_old_tail(Host& host, std::int64_t now) {
  if (host.uncompacted == 0 || host.awaits_compaction) return;
  const auto& tail = tail_of(host);
  const auto is_old = [now](const TailRow& row) { return row.first < now - kDay; };
  if (std::none_of(tail.begin(), tail.end(), is_old)) return;
  host.awaits_compaction = true;
  to_compact_.push_back(host.name);
}

void SqliteStore::publish_reach() {
  check_size_ = true;
  const std::unique_lock lock(mutex_);
  measured_.oldest_reading = reach_.reading;
  measured_.oldest = std::min({reach_.reading, reach_.minute, reach_.hour});
}

std::uint64_t SqliteStore::used_bytes() {
  const auto page = static_cast<std::uint64_t>(number_of("PRAGMA page_size"));
  const auto free = static_cast<std::uint64_t>(number_of("PRAGMA freelist_count"));
  const std::uint64_t used = (static_cast<std::uint64_t>(number_of("PRAGMA page_count")) - free) * page;
  const std::unique_lock lock(mutex_);
  measured_.free_bytes = free * page;
  measured_.used_bytes = used;
  return used;
}

/// Where the database holds more than it may, the oldest goes: a day of the readings first, but not of the
/// last day, then of the minutes, then of the hours.
bool SqliteStore::save_space(std::int64_t now) {
  if (!check_size_) return false;
  check_size_ = false;
  const std::uint64_t used = used_bytes();
  if (options_.max_database_bytes == 0 || used <= options_.max_database_bytes) return false;
  struct Choice {
    std::int64_t begin;
    std::int64_t period;
    std::atomic<std::int64_t>& earliest;
    const char* sql;
  };
  const std::array<Choice, 3> choices{
      {{reach_.reading, periods_of(Level::raw).front(), earliest_reading_,
        "UPDATE state SET earliest_reading = ?"},
       {reach_.minute, periods_of(Level::minute).front(), earliest_minute_,
        "UPDATE state SET earliest_minute = ?"},
       {reach_.hour, periods_of(Level::hour).front(), earliest_hour_, "UPDATE state SET earliest_hour = ?"}}};
  for (const Choice& choice : choices) {
    if (choice.begin == INT64_MAX) continue;
    const std::int64_t next = choice.begin - choice.begin % choice.period + choice.period;
    if (next > now - kDay) continue;
    in_transaction(Sync::later, [&] {
      SQLite::Statement& update = statement(choice.sql);
      update.bind(1, next);
      update.exec();
    });
    choice.earliest = next;
    last_expired_ = INT64_MIN / 2;  // at once
    return true;
  }
  if (!told_of_size_) {
    spdlog::warn(
        "the database holds {} MiB, more than --max-database-size, and nothing in it is old enough to go",
        used >> 20U);
  }
  told_of_size_ = true;
  return false;
}

/// Remembers once an hour what the database holds, and learns from it how fast it grows.
void SqliteStore::record_size(std::int64_t now) {
  const std::uint64_t used = used_bytes();
  if (now - last_sized_ < kSizeEverySeconds && now >= last_sized_) return;
  last_sized_ = now;
  double growth = 0;
  in_transaction(Sync::later, [&] {
    SQLite::Statement& insert =
        statement("INSERT OR REPLACE INTO size_history (time, used_bytes) VALUES (?, ?)");
    insert.bind(1, now);
    insert.bind(2, static_cast<std::int64_t>(used));
    insert.exec();
    SQLite::Statement& remove = statement("DELETE FROM size_history WHERE time < ? OR time > ?");
    remove.bind(1, now - kSizesKeptSeconds);
    remove.bind(2, now);
    remove.exec();
    SQLite::Statement& first =
        statement("SELECT time, used_bytes FROM size_history WHERE time >= ? ORDER BY time LIMIT 1");
    first.bind(1, now - kForecastSeconds);
    if (first.executeStep() && now - first.getColumn(0).getInt64() >= kSizeEverySeconds) {
      const auto grown = static_cast<double>(used) - first.getColumn(1).getDouble();
      growth = grown * static_cast<double>(kDay) / static_cast<double>(now - first.getColumn(0).getInt64());
    }
    first.tryReset();
  });
  const std::unique_lock lock(mutex_);
  measured_.bytes_per_day = growth;
}

/// A file that was made without it (auto_vacuum) cannot shrink; its free pages are used again.
bool SqliteStore::give_back_space() {
  constexpr std::int64_t kIncremental = 2;
  if (!can_shrink_) return false;
  const std::int64_t pages = number_of("PRAGMA page_count");
  const std::int64_t free = number_of("PRAGMA freelist_count");
  if (free <= std::max(kSparePages, pages / kSpareShare)) return false;
  in_transaction(Sync::later, [&] {
    SQLite::Statement& vacuum = statement("PRAGMA incremental_vacuum(64)");
    while (vacuum.executeStep()) {
    }
  });
  can_shrink_ = number_of("PRAGMA auto_vacuum") == kIncremental && number_of("PRAGMA freelist_count") < free;
  return can_shrink_;
}

std::int64_t SqliteStore::number_of(const char* sql) {
  SQLite::Statement& pragma = statement(sql);
  const std::int64_t value = pragma.executeStep() ? pragma.getColumn(0).getInt64() : 0;
  pragma.tryReset();
  return value;
}

}  // namespace hostwatch::storage::sqlite
