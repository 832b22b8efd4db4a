// SqliteStore: the space that history takes.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kSizeEverySeconds = 3600;
constexpr std::int64_t kSizesKeptSeconds = 30 * 86400;
constexpr std::int64_t kForecastSeconds = 3 * 86400;
constexpr int kGivingSteps = 500;  ///< in one transaction
/// Free pages that stay, because they will be used again soon.
constexpr std::int64_t kSparePages = 64;
constexpr std::int64_t kSpareShare = 50;

}  // namespace

std::uint64_t SqliteStore::used_bytes() {
  const auto page = static_cast<std::uint64_t>(number_of("PRAGMA page_size"));
  const auto free = static_cast<std::uint64_t>(number_of("PRAGMA freelist_count"));
  const std::uint64_t used = (static_cast<std::uint64_t>(number_of("PRAGMA page_count")) - free) * page;
  const std::unique_lock lock(mutex_);
  measured_.free_bytes = free * page;
  measured_.used_bytes = used;
  return used;
}

std::uint64_t SqliteStore::bytes_of(const Host& host) {
  std::uint64_t bytes = 0;
  for (const Level level : {Level::raw, Level::minute, Level::hour}) {
    bytes += compactor_->tables().bytes(level, host.id, 0, INT64_MAX);
  }
  return bytes;
}

bool SqliteStore::keeps(std::string_view hostname, std::int64_t timestamp) const {
  if (!has_given_) return true;  // the common case takes no lock
  const std::shared_lock lock(mutex_);
  const auto found = hosts_.find(hostname);
  return found == hosts_.end() || timestamp >= found->second->kept_from.reading;
}

bool SqliteStore::is_lighter(const HostSize& a, const HostSize& b) {
  return a.bytes < b.bytes;
}

/// Those that hold less than the average give nothing: no host's history goes for what another sends.
void SqliteStore::keep_heaviest() {
  std::uint64_t average = 0;
  for (const HostSize& size : sizes_) average += size.bytes;
  average /= std::max<std::size_t>(sizes_.size(), 1);
  std::erase_if(sizes_, [average](const HostSize& size) { return size.bytes < average; });
  std::make_heap(sizes_.begin(), sizes_.end(), is_lighter);
}

/// Where the database holds more than it may, the hosts that hold most give their oldest, each a chunk at a
/// time, until it is enough, and a little more, so that it is not to be done again in five minutes.
bool SqliteStore::save_space(std::int64_t now) {
  if (!check_size_) return false;
  check_size_ = false;
  const std::uint64_t most = options_.max_database_bytes;
  const std::uint64_t used = used_bytes();
  if (most == 0 || used <= most) return false;
  if (!measures_hosts_) {
    last_expired_ = INT64_MIN / 2;  // the next pass does, at once
    return true;
  }
  if (give_oldest(used - most + most / kSpareShare, now)) {
    last_expired_ = INT64_MIN / 2;  // at once
    return true;
  }
  if (!sizes_.empty()) {
    check_size_ = true;  // of the others something may be old enough
    return true;
  }
  if (!told_of_size_) {
    spdlog::warn(
        "the database holds {} MiB, more than --max-database-size, and nothing of the hosts that hold most "
        "of "
        "it is old enough to go",
        used >> 20U);
  }
  told_of_size_ = true;
  return false;
}

/// Lets the heaviest of sizes_ give, again and again, until that is about as much as is wanted. False: none
/// of those that were asked has anything to give; they are in sizes_ no more.
bool SqliteStore::give_oldest(std::uint64_t wanted, std::int64_t now) {
  std::map<Host*, KeptFrom> given;
  std::uint64_t sum = 0;
  in_transaction(Sync::later, [&] {
    for (int i = 0; i < kGivingSteps && sum < wanted && !sizes_.empty(); ++i) {
      std::pop_heap(sizes_.begin(), sizes_.end(), is_lighter);
      HostSize& heaviest = sizes_.back();
      const auto found = hosts_.find(heaviest.name);
      const std::uint64_t bytes = found == hosts_.end() ? 0 : give_a_chunk(*found->second, given, now);
      if (bytes == 0) {
        sizes_.pop_back();
        continue;
      }
      sum += bytes;
      heaviest.bytes -= std::min(heaviest.bytes, bytes);
      std::push_heap(sizes_.begin(), sizes_.end(), is_lighter);
    }
    for (const auto& [host, from] : given) {
      SQLite::Statement& replace =
          statement("INSERT OR REPLACE INTO kept_from (host, reading, minute, hour) VALUES (?, ?, ?, ?)");
      replace.bind(1, host->id);
      replace.bind(2, from.reading);
      replace.bind(3, from.minute);
      replace.bind(4, from.hour);
      replace.exec();
    }
  });
  const std::unique_lock lock(mutex_);
  for (const auto& [host, from] : given) host->kept_from = from;
  has_given_ = has_given_ || !given.empty();
  return !given.empty();
}

/// Readings first, but not those of the last day, then minutes, then hours; of a time of which there is
/// something finer nothing coarser goes, or it could not be shown at each resolution. Returns the bytes of
/// what goes; 0: nothing is old enough.
std::uint64_t SqliteStore::give_a_chunk(Host& host, std::map<Host*, KeptFrom>& given, std::int64_t now) {
  const auto known = given.find(&host);
  KeptFrom from = known != given.end() ? known->second : host.kept_from;
  const std::array<std::int64_t*, 3> bounds{&from.reading, &from.minute, &from.hour};
  ChunkTables& tables = compactor_->tables();
  std::int64_t latest = now - kDay;
  for (const Level level : {Level::raw, Level::minute, Level::hour}) {
    const auto index = static_cast<std::size_t>(level);
    const auto chunk = tables.first_after(level, host.id, *bounds.at(index));
    if (!chunk) continue;
    const std::int64_t next =
        (chunk->end + kHour - 1) / kHour * kHour;  // no hour loses a part of its readings
    if (next > latest) {
      latest = std::min(latest, chunk->begin);
      continue;
    }
    const std::uint64_t bytes = tables.bytes(level, host.id, chunk->begin, next);
    // What is finer has nothing there, and must not get anything again.
    for (std::size_t i = 0; i <= index; ++i) *bounds.at(i) = std::max(*bounds.at(i), next);
    given[&host] = from;
    return std::max<std::uint64_t>(bytes, 1);
  }
  return 0;
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
