// SqliteStore: the reading side, any thread.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

#include "server/storage/sqlite/schema.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
void SqliteStore::visit_hosts(const HostVisitor& visit) const {
  for (const std::string& name : host_names()) {
    const std::optional<HostState> state = state_of(name);
    if (state && !visit(*state)) return;
  }
}

/// Nothing if it has been forgotten.
std::optional<HostState> SqliteStore::state_of(const std::string& hostname) const {
  HostState state;
  SharedPacked latest;  // decoded after the lock is free
  {
    const std::shared_lock lock(mutex_);
    const auto found = hosts_.find(std::string_view(hostname));
    if (found == hosts_.end() || found->second->is_new) return std::nullopt;
    const Host& host = *found->second;
    state.name = hostname;
    state.first_seen = host.first_seen;
    state.last_seen = host.newest == INT64_MIN ? host.last_seen : host.newest;
    state.last_heard = host.last_heard;
    state.interval = host.interval();
    state.backfilled = host.backfilled;
    state.facts = host.facts;
    latest = host.latest;
  }
  try {
    if (latest) state.latest = codec_.decode_reading(hostname, state.last_seen, *latest);
  } catch (const StoreError&) {
    return state;  // it is damaged: without it, and the other hosts are told of
  }
  return state;
}

std::vector<std::string> SqliteStore::host_names() const {
  std::vector<std::string> names;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, host] : hosts_) {
      if (!host->is_new) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<HostBrief> SqliteStore::hosts_with(std::span<const protocol::Tag> tags) const {
  std::vector<HostBrief> found;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, host] : hosts_) {
      if (!host->is_new && protocol::has_tags(host->facts.tags, tags))
        found.push_back({name, host->interval()});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const HostBrief& a, const HostBrief& b) { return a.name < b.name; });
  return found;
}

protocol::HostFacts SqliteStore::facts_of(std::string_view hostname) const {
  const std::shared_lock lock(mutex_);
  const auto found = hosts_.find(hostname);
  return found == hosts_.end() || found->second->is_new ? protocol::HostFacts{} : found->second->facts;
}

bool SqliteStore::knows(std::string_view hostname) const {
  const std::shared_lock lock(mutex_);
  const auto found = hosts_.find(hostname);
  return found != hosts_.end() && !found->second->is_new;
}

SeriesName SqliteStore::series_name(std::uint32_t series) const {
  return codec_.series_name(series);
}

/// Memory and database at one moment: a reading that is being filed is in one of the two.
SqliteStore::Snapshot SqliteStore::snapshot(const std::string& hostname, std::int64_t from,
                                            std::int64_t to) const {
  Snapshot result{readers_.lend(), 0, {}};
  while (true) {
    std::int64_t filings = 0;
    result.pending.clear();
    {
      const std::shared_lock lock(mutex_);
      const auto found = hosts_.find(std::string_view(hostname));
      if (found == hosts_.end() || found->second->is_new) {
        result.host = 0;
        return result;
      }
      const Host& host = *found->second;
      result.host = host.id;
      filings = filings_;
      for (auto at = host.pending.lower_bound(from); at != host.pending.end() && at->first <= to; ++at) {
        result.pending.push_back({at->first, at->second});
      }
    }
    result.reader->statement("BEGIN").exec();
    SQLite::Statement& seen = result.reader->statement("SELECT filings FROM state");
    if (seen.executeStep() && seen.getColumn(0).getInt64() == filings) {
      seen.tryReset();
      return result;
    }
    // A filing came between the two, or is about to be told to memory.
    seen.tryReset();
    result.reader->statement("COMMIT").exec();
    std::this_thread::yield();
  }
}

std::uint64_t SqliteStore::count(std::string_view hostname, std::int64_t from, std::int64_t to,
                                 std::uint64_t limit) const {
  try {
    Snapshot moment = snapshot(std::string(hostname), from, to);
    if (moment.host == 0) return 0;
    HistoryReader reader(
        *moment.reader, codec_, moment.host,
        [this](Level level, std::int64_t id, const std::string& what) { report_damage(level, id, what); });
    return reader.count(from, to, std::move(moment.pending), limit);
  } catch (const SQLite::Exception& error) {
    throw StoreError(std::string("the database cannot be read: ") + error.what());
  }
}

void SqliteStore::read(const ReadRequest& request, const PartVisitor& visit) const {
  if (request.from > request.to) return;
  try {
    Snapshot moment = snapshot(request.hostname, request.from, request.to);
    if (moment.host == 0) return;
    HistoryReader reader(
        *moment.reader, codec_, moment.host,
        [this](Level level, std::int64_t id, const std::string& what) { report_damage(level, id, what); });
    reader.read(request, std::move(moment.pending), visit);
  } catch (const SQLite::Exception& error) {
    throw StoreError(std::string("the database cannot be read: ") + error.what());
  }
}

/// Each damaged chunk is counted once, however often it is met. False: it was before.
bool SqliteStore::note_damage(Level level, std::int64_t id) const {
  constexpr std::size_t kMostRemembered = 10000;
  const std::lock_guard lock(damaged_mutex_);
  if (damaged_.size() >= kMostRemembered || !damaged_.emplace(level, id).second) return false;
  ++damaged_found_;
  return true;
}

void SqliteStore::report_damage(Level level, std::int64_t id, const std::string& what) const {
  if (!note_damage(level, id)) return;
  spdlog::error(
      "{}: {} of host number {} from {} on is left out of what is shown; `hostwatch-server check` tells more",
      what, table_of(level), host_of_row(id), low_of_row(id));
}

StoreStatistics SqliteStore::statistics() const {
  std::uint64_t file_bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(options_.path + suffix, error);
    if (!error) file_bytes += size;
  }
  const std::shared_lock lock(mutex_);
  StoreStatistics statistics = measured_;
  statistics.database_bytes = file_bytes;
  statistics.limit_bytes = options_.max_database_bytes;
  statistics.hosts = hosts_.size();
  statistics.pending_readings = pending_count_;
  statistics.pending_bytes = pending_bytes_;
  statistics.series = codec_.series_count();
  statistics.series_limit = codec_.limits().series;
  statistics.refused_series = refused_series_;
  statistics.damaged_chunks = damaged_found_;
  for (const auto& [name, host] : hosts_) {
    statistics.uncompacted_readings +=
        static_cast<std::uint64_t>(std::max<std::int64_t>(host->uncompacted, 0));
    if (host->put_off_for != 0) ++statistics.damaged_hosts;
    if (!host->pending.empty()) {
      statistics.oldest_reading = std::min(statistics.oldest_reading, host->pending.begin()->first);
    }
  }
  statistics.oldest = std::min(statistics.oldest, statistics.oldest_reading);
  return statistics;
}

}  // namespace hostwatch::storage::sqlite
