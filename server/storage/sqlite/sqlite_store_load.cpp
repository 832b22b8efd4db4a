// SqliteStore: what it reads back at start, and after the disk failed.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/storage/sqlite/journal_block.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

std::string_view blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

}  // namespace

void SqliteStore::load() {
  const std::unique_lock lock(mutex_);
  Hosts before = std::move(hosts_);
  hosts_.clear();
  try {
    load_dictionaries();
    load_hosts();
    replay_journal();
  } catch (const std::exception& error) {
    hosts_ = std::move(before);
    if (dynamic_cast<const SQLite::Exception*>(&error) == nullptr) throw;
    throw StoreError("cannot read the database '" + options_.path + "': " + error.what());
  }
  // Known in memory alone.
  for (const auto& [name, host] : before) {
    const auto found = hosts_.find(name);
    if (found == hosts_.end()) continue;
    found->second->last_heard = std::max(found->second->last_heard, host->last_heard);
    found->second->backfilled = host->backfilled;
  }
  filing_ = false;
  has_forgotten_ = true;
}

void SqliteStore::load_dictionaries() {
  SeriesDictionary new_series;
  LayoutDictionary new_layouts;
  SQLite::Statement series(*writer_, "SELECT id, metric, instance, decimals FROM series ORDER BY id");
  while (series.executeStep()) {
    const std::uint32_t number =
        new_series.add(series.getColumn(1).getString(), series.getColumn(2).getString(), series.getColumn(3));
    const int decimals = series.getColumn(3);
    if (number != series.getColumn(0).getUInt() || decimals < 0 || decimals > 6) {
      throw StoreError("the database is damaged: its list of series has gaps");
    }
  }
  SQLite::Statement layouts(*writer_, "SELECT id, series FROM layout ORDER BY id");
  while (layouts.executeStep()) {
    if (new_layouts.add(std::string(blob(layouts.getColumn(1)))) != layouts.getColumn(0).getUInt()) {
      throw StoreError("the database is damaged: its list of layouts has gaps");
    }
    const auto& list = new_layouts.series(static_cast<std::uint32_t>(new_layouts.size()));
    if (!list.empty() && list.back() > new_series.size()) {
      throw StoreError("the database is damaged: a layout names a series that is not there");
    }
  }
  codec_.replace_dictionaries(std::move(new_series), std::move(new_layouts));
}

void SqliteStore::load_hosts() {
  SQLite::Statement rows(*writer_, "SELECT id, name, first_seen, last_seen, facts FROM host");
  while (rows.executeStep()) {
    auto host = std::make_unique<Host>();
    host->id = rows.getColumn(0).getInt64();
    host->name = rows.getColumn(1).getString();
    host->first_seen = rows.getColumn(2).getInt64();
    host->last_heard = host->last_seen = rows.getColumn(3).getInt64();
    const auto facts = nlohmann::json::parse(rows.getColumn(4).getString(), nullptr, false);
    if (facts.is_object() && !facts.empty()) {
      host->facts = protocol::facts_from_json(facts);
      host->facts_time = host->last_seen;
    }
    load_latest(*host);
    const std::string name = host->name;
    hosts_.emplace(name, std::move(host));
  }
  SQLite::Statement last(*writer_, "SELECT seq FROM sqlite_sequence WHERE name = 'host'");
  if (last.executeStep()) next_host_id_ = last.getColumn(0).getInt64() + 1;
  SQLite::Statement forgotten(*writer_, "SELECT max(id) FROM forgotten_host");
  if (forgotten.executeStep()) next_host_id_ = std::max(next_host_id_, forgotten.getColumn(0).getInt64() + 1);
  for (const auto& [name, host] : hosts_) next_host_id_ = std::max(next_host_id_, host->id + 1);
}

void SqliteStore::load_latest(Host& host) {
  SQLite::Statement& newest =
      statement("SELECT timestamp, packed FROM reading WHERE host = ? ORDER BY timestamp DESC LIMIT 2");
  newest.bind(1, host.id);
  if (!newest.executeStep()) return;
  host.newest = host.newest_filed = newest.getColumn(0).getInt64();
  host.latest = std::string(blob(newest.getColumn(1)));
  host.last_seen = std::max(host.last_seen, host.newest);
  host.last_heard = std::max(host.last_heard, host.newest);
  if (newest.executeStep()) host.observed_interval = host.newest - newest.getColumn(0).getInt64();
}

void SqliteStore::replay_journal() {
  std::unordered_map<std::int64_t, Host*> by_id;
  for (const auto& [name, host] : hosts_) by_id.emplace(host->id, host.get());
  SQLite::Statement rows(*writer_, "SELECT sequence, readings FROM journal ORDER BY sequence");
  next_sequence_ = 1;
  while (rows.executeStep()) {
    next_sequence_ = rows.getColumn(0).getInt64() + 1;
    read_journal_block(blob(rows.getColumn(1)),
                       [&](std::int64_t id, std::int64_t timestamp, std::string_view packed) {
                         const auto found = by_id.find(id);
                         if (found == by_id.end()) return;  // forgotten since
                         Host& host = *found->second;
                         host.pending.emplace(timestamp, packed);
                       });
  }
  pending_count_ = 0;
  pending_bytes_ = 0;
  for (const auto& [name, host] : hosts_) {
    count_pending(host->pending);
    if (host->pending.empty()) continue;
    host->first_seen = std::min(host->first_seen, host->pending.begin()->first);
    if (host->pending.rbegin()->first <= host->newest) continue;
    const auto newest = host->pending.rbegin();
    const auto before = std::next(newest);
    const std::int64_t previous =
        before != host->pending.rend() ? std::max(before->first, host->newest) : host->newest;
    if (previous != INT64_MIN) host->observed_interval = newest->first - previous;
    host->newest = newest->first;
    host->latest = newest->second;
    host->last_seen = std::max(host->last_seen, host->newest);
    host->last_heard = std::max(host->last_heard, host->newest);
  }
  if (pending_count_ != 0) spdlog::info("read {} readings back from the journal", pending_count_);
}

}  // namespace hostwatch::storage::sqlite
