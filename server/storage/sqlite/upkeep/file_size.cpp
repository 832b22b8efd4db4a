#include "server/storage/sqlite/upkeep/file_size.h"

#include <algorithm>

#include "server/storage/sqlite/chunks/tail.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kRecordEverySeconds = 3600;
constexpr std::int64_t kSizesKeptSeconds = 30 * 86400;
constexpr std::int64_t kForecastSeconds = 3 * 86400;
/// Free pages that stay, because they will be used again soon; of all pages, such a part.
constexpr std::int64_t kSparePages = 64;
constexpr std::int64_t kSparePageShare = 50;
constexpr std::int64_t kSparePagesOfLimited = 8;

}  // namespace

std::uint64_t FileSize::used_bytes() {
  const auto page = static_cast<std::uint64_t>(writer_.query_integer("PRAGMA page_size"));
  const auto free = static_cast<std::uint64_t>(writer_.query_integer("PRAGMA freelist_count"));
  const std::uint64_t used =
      (static_cast<std::uint64_t>(writer_.query_integer("PRAGMA page_count")) - free) * page;
  figures_.set_size(used, free * page);
  return used;
}

void FileSize::record(std::int64_t now) {
  const std::uint64_t used = used_bytes();
  if (now - last_recorded_ < kRecordEverySeconds && now >= last_recorded_) return;
  last_recorded_ = now;
  double growth = 0;
  writer_.in_transaction(Writer::Sync::later, [&] {
    SQLite::Statement& insert =
        writer_.statement("INSERT OR REPLACE INTO size_history (time, used_bytes) VALUES (?, ?)");
    insert.bind(1, now);
    insert.bind(2, static_cast<std::int64_t>(used));
    insert.exec();
    SQLite::Statement& remove = writer_.statement("DELETE FROM size_history WHERE time < ? OR time > ?");
    remove.bind(1, now - kSizesKeptSeconds);
    remove.bind(2, now);
    remove.exec();
    SQLite::Statement& first =
        writer_.statement("SELECT time, used_bytes FROM size_history WHERE time >= ? ORDER BY time LIMIT 1");
    first.bind(1, now - kForecastSeconds);
    if (first.executeStep() && now - first.getColumn(0).getInt64() >= kRecordEverySeconds) {
      const auto grown = static_cast<double>(used) - first.getColumn(1).getDouble();
      growth = grown * static_cast<double>(kDay) / static_cast<double>(now - first.getColumn(0).getInt64());
    }
    first.tryReset();
  });
  figures_.set_growth(growth);
}

bool FileSize::vacuum_some() {
  constexpr std::int64_t kIncremental = 2;
  if (!can_shrink_ || !writer_.may_have_free_pages()) return false;
  const std::int64_t pages = writer_.query_integer("PRAGMA page_count");
  const std::int64_t free = writer_.query_integer("PRAGMA freelist_count");
  const std::int64_t spare = is_limited_ ? kSparePagesOfLimited : kSparePages;
  if (free <= std::max(spare, pages / kSparePageShare)) {
    writer_.set_no_free_pages();
    return false;
  }
  writer_.in_transaction(Writer::Sync::later, [&] {
    SQLite::Statement& vacuum = writer_.statement("PRAGMA incremental_vacuum(64)");
    while (vacuum.executeStep()) {
    }
  });
  can_shrink_ = writer_.query_integer("PRAGMA auto_vacuum") == kIncremental &&
                writer_.query_integer("PRAGMA freelist_count") < free;
  return can_shrink_;
}

}  // namespace hostwatch::storage::sqlite
