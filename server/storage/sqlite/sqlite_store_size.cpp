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

/// Where the database holds more than it may, the hosts that hold most give their oldest, each a chunk at a
/// time, until it is enough. Those that hold less than the average give nothing: no host's history goes for
/// what another sends.
bool SqliteStore::save_space(std::int64_t now) {
  if (!check_size_) return false;
  check_size_ = false;
  const std::uint64_t used = used_bytes();
  if (options_.max_database_bytes == 0 || used <= options_.max_database_bytes) return false;
  std::uint64_t average = 0;
  for (const HostSize& size : sizes_) average += size.bytes;
  average /= std::max<std::size_t>(sizes_.size(), 1);
  std::erase_if(sizes_, [average](const HostSize& size) { return size.bytes < average; });
  const bool has_given = give_oldest(used - options_.max_database_bytes, now);
  sizes_.clear();
  if (has_given) {
    last_expired_ = INT64_MIN / 2;  // at once
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

/// Lets the heaviest of sizes_ give, again and again, until that is about as much as is wanted.
bool SqliteStore::give_oldest(std::uint64_t wanted, std::int64_t now) {
  const auto lighter = [](const HostSize& a, const HostSize& b) { return a.bytes < b.bytes; };
  std::make_heap(sizes_.begin(), sizes_.end(), lighter);
  std::map<Host*, KeptFrom> given;
  std::uint64_t sum = 0;
  in_transaction(Sync::later, [&] {
    for (int i = 0; i < kGivingSteps && sum < wanted && !sizes_.empty(); ++i) {
      std::pop_heap(sizes_.begin(), sizes_.end(), lighter);
      HostSize& heaviest = sizes_.back();
      const auto found = hosts_.find(heaviest.name);
      const std::uint64_t bytes = found == hosts_.end() ? 0 : give_a_chunk(*found->second, given, now);
      if (bytes == 0) {
        sizes_.pop_back();
        continue;
      }
      sum += bytes;
      heaviest.bytes -= std::min(heaviest.bytes, bytes);
      std::push_heap(sizes_.begin(), sizes_.end(), lighter);
    }
    for (const auto& [host, from] : given) write_kept_from(*host, from);
  });
  const std::unique_lock lock(mutex_);
  for (const auto& [host, from] : given) keep_from(*host, from);
  return !given.empty();
}

/// Readings first, but not those of the last day, then minutes, then hours. Returns the bytes of what goes;
/// 0: nothing is old enough.
std::uint64_t SqliteStore::give_a_chunk(Host& host, std::map<Host*, KeptFrom>& given, std::int64_t now) {
  const auto known = given.find(&host);
  KeptFrom from = known != given.end() ? known->second : host.kept_from;
  struct Choice {
    Level level;
    std::int64_t& from;
  };
  for (const Choice& choice : {Choice{Level::raw, from.reading}, Choice{Level::minute, from.minute},
                               Choice{Level::hour, from.hour}}) {
    ChunkTables& tables = compactor_->tables();
    std::int64_t next = tables.end_of_next(choice.level, host.id, choice.from);
    if (next == INT64_MAX) continue;
    next = (next + kHour - 1) / kHour * kHour;  // no hour loses a part of its readings
    if (next > now - kDay) continue;
    const std::uint64_t bytes = tables.bytes(choice.level, host.id, choice.from, next);
    choice.from = next;
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
