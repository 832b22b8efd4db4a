// SqliteStore: the reading side, any thread.
#include <algorithm>
#include <mutex>

#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

std::string_view blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

}  // namespace

std::vector<HostState> SqliteStore::hosts() const {
  std::vector<HostState> states;
  std::vector<std::string> latest;  // decoded after the lock is free
  {
    const std::shared_lock lock(mutex_);
    states.reserve(hosts_.size());
    for (const auto& [name, host] : hosts_) {
      if (host->is_new) continue;
      HostState& state = states.emplace_back();
      state.name = name;
      state.first_seen = host->first_seen;
      state.last_seen = host->newest == INT64_MIN ? host->last_seen : host->newest;
      state.last_heard = host->last_heard;
      state.interval =
          host->facts.interval_seconds != 0 ? host->facts.interval_seconds : host->observed_interval;
      state.backfilled = host->backfilled;
      state.facts = host->facts;
      latest.push_back(host->latest);
    }
  }
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (latest[i].empty()) continue;
    states[i].latest = codec_.decode_reading(states[i].name, states[i].last_seen, latest[i]);
  }
  std::sort(states.begin(), states.end(),
            [](const HostState& a, const HostState& b) { return a.name < b.name; });
  return states;
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

bool SqliteStore::admits(std::string_view hostname) const {
  const std::shared_lock lock(mutex_);
  return hosts_.size() < options_.max_hosts || hosts_.contains(hostname);
}

SeriesName SqliteStore::series_name(std::uint32_t series) const {
  return codec_.series_name(series);
}

std::uint64_t SqliteStore::count(std::string_view hostname, std::int64_t from, std::int64_t to,
                                 std::uint64_t limit) const {
  std::uint64_t pending = 0;
  std::int64_t id = 0;
  {
    const std::shared_lock lock(mutex_);
    const auto found = hosts_.find(hostname);
    if (found == hosts_.end()) return 0;
    const Host& host = *found->second;
    id = host.id;
    for (auto at = host.pending.lower_bound(from); at != host.pending.end() && at->first <= to; ++at) {
      if (++pending == limit) return limit;
    }
    if (host.newest_filed < from) return pending;
  }
  try {
    const ReaderPool::Lease reader = readers_.lend();
    SQLite::Statement rows(
        *reader,
        "SELECT count(*) FROM (SELECT 1 FROM reading WHERE host = ? AND timestamp BETWEEN ? AND ? "
        "LIMIT ?)");
    rows.bind(1, id);
    rows.bind(2, from);
    rows.bind(3, to);
    rows.bind(4, static_cast<std::int64_t>(limit));
    rows.executeStep();
    // A reading that is being filed may be counted twice: good enough for choosing a step.
    return std::min(limit, pending + static_cast<std::uint64_t>(rows.getColumn(0).getInt64()));
  } catch (const SQLite::Exception& error) {
    throw StoreError(std::string("the database cannot be read: ") + error.what());
  }
}

void SqliteStore::read(const ReadRequest& request, const ReadingVisitor& visit) const {
  std::vector<std::pair<std::int64_t, std::string>> pending;
  std::int64_t id = 0;
  bool look_in_table = false;
  {
    // Memory first: a reading that is filed in between is then met in the table once more, and passed over
    // below.
    const std::shared_lock lock(mutex_);
    const auto found = hosts_.find(std::string_view(request.hostname));
    if (found == hosts_.end()) return;
    const Host& host = *found->second;
    id = host.id;
    const auto begin = host.pending.lower_bound(request.from);
    const auto end = host.pending.upper_bound(request.to);
    if (request.from <= request.to) pending.assign(begin, end);
    look_in_table = host.newest_filed >= request.from;
  }
  WantedValues wanted(request);
  std::vector<StoredValue> values;
  const auto hand_over = [&](std::int64_t timestamp, std::string_view packed) {
    wanted.decode(codec_, packed, values);
    return visit(timestamp, values);
  };
  auto next_pending = pending.begin();
  if (look_in_table) {
    try {
      const ReaderPool::Lease reader = readers_.lend();
      SQLite::Statement rows(
          *reader,
          "SELECT timestamp, packed FROM reading WHERE host = ? AND timestamp BETWEEN ? AND ? "
          "ORDER BY timestamp");
      rows.bind(1, id);
      rows.bind(2, request.from);
      rows.bind(3, request.to);
      while (rows.executeStep()) {
        const std::int64_t timestamp = rows.getColumn(0).getInt64();
        for (; next_pending != pending.end() && next_pending->first < timestamp; ++next_pending) {
          if (!hand_over(next_pending->first, next_pending->second)) return;
        }
        if (next_pending != pending.end() && next_pending->first == timestamp) ++next_pending;
        if (!hand_over(timestamp, blob(rows.getColumn(1)))) return;
      }
    } catch (const SQLite::Exception& error) {
      throw StoreError(std::string("the database cannot be read: ") + error.what());
    }
  }
  for (; next_pending != pending.end(); ++next_pending) {
    if (!hand_over(next_pending->first, next_pending->second)) return;
  }
}

}  // namespace hostwatch::storage::sqlite
