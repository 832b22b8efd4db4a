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
constexpr std::int64_t kSparePagesOfLimited = 8;
constexpr std::int64_t kWeighEverySeconds = 30;
/// The tail of a host of which it is more than this part is compacted for space, so that what is written
/// anew for it is a few times as much at most.
constexpr std::uint64_t kLooseShare = 8;

/// What a host gives, step by step: of each level what is older than so many seconds. What is finest goes
/// first, but the last day of readings only after a long past of minutes; hours, which take least and tell of
/// years, go last.
struct GivingStep {
  Level level;
  std::int64_t spared;
};
constexpr std::array<GivingStep, 7> kGivingOrder{{{Level::raw, kDay},
                                                  {Level::minute, 30 * kDay},
                                                  {Level::raw, kHour},
                                                  {Level::minute, kDay},
                                                  {Level::raw, 5 * kMinute},
                                                  {Level::minute, 0},
                                                  {Level::hour, 0}}};

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

/// What of the file it holds besides its history: the names and lists of series that it has brought, its
/// latest reading, and its rows in `host` and `filed`.
std::uint64_t SqliteStore::lasting_of(const Host& host) const {
  constexpr std::size_t kOfSeries = 5;  // at most, in HostSeries::pack(), for all but the first
  return codec_.brought_by(host.id).bytes + (host.latest ? host.latest->size() : 0) +
         host.series.size() * kOfSeries + bytes_in_file(host.name.size()) +
         protocol::facts_json(host.facts).size();
}

/// All that it has: chunks, its tail, what is not filed yet, and what lasts.
GivingTurns::Weight SqliteStore::weight_of(Host& host, std::int64_t now) {
  GivingTurns::Weight weight{host.name, 0, 0, host.is_young(now) || host.is_young(settled_),
                             lasting_of(host)};
  for (const Level level : {Level::raw, Level::minute, Level::hour}) {
    weight.bytes += compactor_->tables().bytes(level, host.id, 0, INT64_MAX);
  }
  if (host.uncompacted != 0) {
    for (const TailRow& row : tail_of(host)) weight.loose += static_cast<std::uint64_t>(row.bytes);
  }
  weight.bytes += weight.loose;
  for (const auto& [timestamp, packed] : host.pending) weight.bytes += packed->size();
  return weight;
}

/// Looks now and then: where the database grows fast, the next pass of retention would come too late.
bool SqliteStore::is_over_size(std::int64_t now) {
  if (options_.max_database_bytes == 0) return false;
  if (now - last_weighed_ < kWeighEverySeconds && now >= last_weighed_) return false;
  last_weighed_ = now;
  return used_bytes() > options_.max_database_bytes;
}

/// What of `used` is for history to make up for: names that are there beyond their part of the limit, from an
/// earlier version or a higher limit, are not. They go when nothing refers to them any more.
std::uint64_t SqliteStore::used_by_rule(std::uint64_t used) const {
  const std::uint64_t names = codec_.bytes();
  const std::uint64_t most = codec_.limits().bytes;
  return names > most ? used - std::min<std::uint64_t>(used, names - most) : used;
}

/// Where the database holds more than it may, the hosts that hold most give their oldest, bit by bit, until
/// it is enough, and a little more, so that it is not to be done again in five minutes.
bool SqliteStore::save_space() {
  if (!check_size_) return false;
  check_size_ = false;
  const std::uint64_t most = options_.max_database_bytes;
  const std::uint64_t in_file = used_bytes();
  const std::uint64_t used = used_by_rule(in_file);
  if (in_file <= most) told_of_size_ = false;
  if (most == 0 || in_file <= most) return false;
  if (used <= most) {
    tell_of_size(in_file, "names of series that some history still has take too much of it");
    return false;
  }
  const bool waits = has_given_ && !has_deleted_;  // for readings that are not in their chunks yet
  has_given_ = false;
  if (waits) return false;
  if (!measures_hosts_) {
    last_expired_ = INT64_MIN / 2;  // the next pass does, at once
    return true;
  }
  if (begins_turns_) turns_.begin(most, used, codec_.layouts.brought_by(0).bytes);
  begins_turns_ = false;
  if (give_oldest(used - most + most / kSpareShare)) {
    last_expired_ = INT64_MIN / 2;  // at once
    return true;
  }
  if (turns_.next() != nullptr) {
    check_size_ = true;  // others may have something
    return true;
  }
  tell_of_size(in_file, "the hosts that are to give have nothing left that may go");
  return false;
}

void SqliteStore::tell_of_size(std::uint64_t used, const char* why) {
  if (!told_of_size_) {
    spdlog::warn("the database holds {} kB, more than --max-database-size, and {}", used / 1000, why);
  }
  told_of_size_ = true;
}

/// Lets those whose turn it is give, again and again, until that is about as much as is wanted. Where a good
/// part of what a host holds is in its tail that is compacted before anything of it goes, and what it takes
/// there counts as given: how much it is in chunks shows then. False: none of those that were asked has
/// anything to give; they are not asked again.
bool SqliteStore::give_oldest(std::uint64_t wanted) {
  std::map<Host*, KeptFrom> given;
  std::vector<Host*> to_compact;
  std::uint64_t sum = 0;
  in_transaction(Sync::later, [&] {
    for (int i = 0; i < kGivingSteps && sum < wanted; ++i) {
      const GivingTurns::Weight* turn = turns_.next();
      if (turn == nullptr) break;
      const auto found = hosts_.find(turn->host);
      if (found != hosts_.end() && turn->loose > turn->bytes / kLooseShare) {
        to_compact.push_back(found->second.get());
        sum += turn->loose;
        turns_.drop();
        continue;
      }
      std::uint64_t bytes = 0;
      if (found != hosts_.end()) {
        Host& host = *found->second;
        const auto known = given.find(&host);
        KeptFrom from = known != given.end() ? known->second : host.kept_from;
        bytes = give_some(host, from, turns_.share_of(wanted - sum));
        if (bytes != 0) given[&host] = from;
      }
      if (bytes == 0) {
        turns_.drop();
        continue;
      }
      sum += bytes;
      turns_.gave(bytes);
    }
    for (const auto& [host, from] : given) write_kept_from(*host, from);
  });
  for (Host* host : to_compact) compact_for_space(*host);
  has_given_ = !given.empty();
  const std::unique_lock lock(mutex_);
  for (const auto& [host, from] : given) keep_from(*host, from);
  return !given.empty() || !to_compact.empty();
}

/// All of its tail, before the hosts are weighed again.
void SqliteStore::compact_for_space(Host& host) {
  host.compacts_all = true;
  if (!host.awaits_compaction) queue_compaction(host);
}

/// The oldest of what is finest, up to the end of a chunk; of a time of which there is something finer
/// nothing coarser goes, or it could not be shown at each resolution. What is to come is never refused for
/// it: nothing goes that is later than now, whatever clock a reading was stamped by, and of the last day
/// nothing that is later than what has come. Returns about how many bytes that are; 0: nothing may go.
std::uint64_t SqliteStore::give_some(const Host& host, KeptFrom& from, std::uint64_t wanted) {
  const std::array<std::int64_t*, 3> bounds{&from.reading, &from.minute, &from.hour};
  ChunkTables& tables = compactor_->tables();
  std::array<std::optional<ChunkTables::Span>, 3> first;
  std::array<std::int64_t, 3> finer{};  // where what is finer than the level begins
  std::int64_t begin = INT64_MAX;
  for (std::size_t i = 0; i < first.size(); ++i) {
    first.at(i) = tables.first_after(static_cast<Level>(i), host.id, *bounds.at(i));
    finer.at(i) = begin;
    if (first.at(i)) begin = std::min(begin, std::max(first.at(i)->begin, *bounds.at(i)));
  }
  for (const GivingStep& step : kGivingOrder) {
    const auto index = static_cast<std::size_t>(step.level);
    if (!first.at(index)) continue;
    const ChunkTables::Span chunk = *first.at(index);
    const Leaf leaf = tables.find_leaf(step.level, host.id, std::max(chunk.begin, *bounds.at(index)));
    const ChunkTables::Span rows = tables.filled(leaf);
    const std::int64_t start = std::max(rows.begin, *bounds.at(index));
    const std::int64_t end = std::min(rows.end, settled_ + 1);
    if (start >= end) continue;  // it is all given, and not deleted yet
    const std::int64_t latest = std::min(finer.at(index), settled_ - step.spared);
    const std::int64_t unit = step.level == Level::raw && leaf.rolled ? kMinute : kHour;  // as it is cut
    const auto bytes = static_cast<double>(tables.bytes(step.level, host.id, chunk.begin, chunk.begin + 1));
    const double bytes_a_second = std::max(bytes / static_cast<double>(end - rows.begin), 1e-6);
    const double seconds = std::min(static_cast<double>(wanted) / bytes_a_second, 1e9);
    std::int64_t next = (start + static_cast<std::int64_t>(seconds) + unit) / unit * unit;
    const auto following = tables.first_after(step.level, host.id, leaf.end());
    const bool is_over = end < settled_ - kDay || (following && following->begin <= settled_);
    next = std::min({next, is_over ? end + unit - 1 : end, latest});
    next -= next % unit;
    if (next <= start) continue;
    // No more is made of what goes than it takes: where readings are rarer than that, hours follow them.
    const auto& minutes = first.at(static_cast<std::size_t>(Level::minute));
    if (step.level == Level::raw && !leaf.rolled && (!minutes || minutes->begin >= next) &&
        !compactor_->are_minutes_smaller(leaf)) {
      from.minute = std::max(from.minute, next);
    }
    // What is finer has nothing there, and must not get anything again.
    for (std::size_t i = 0; i <= index; ++i) *bounds.at(i) = std::max(*bounds.at(i), next);
    const double gone = bytes_a_second * static_cast<double>(std::min(next, end) - start);
    return static_cast<std::uint64_t>(gone) + 1;
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
  if (!can_shrink_ || !may_have_free_pages_) return false;
  const std::int64_t pages = number_of("PRAGMA page_count");
  const std::int64_t free = number_of("PRAGMA freelist_count");
  const std::int64_t spare = options_.max_database_bytes == 0 ? kSparePages : kSparePagesOfLimited;
  if (free <= std::max(spare, pages / kSpareShare)) {
    may_have_free_pages_ = false;
    return false;
  }
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
