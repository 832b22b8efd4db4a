// SqliteStore: what it reads back at start, and after the disk failed.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_set>

#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/dictionaries.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
void SqliteStore::load() {
  const std::unique_lock lock(mutex_);
  Hosts before = std::move(hosts_);
  giving_back_.reset();
  codec_.in_use.end();
  hosts_.clear();
  contradictions_.clear();
  uncompared_.clear();
  damaged_journal_.clear();
  to_compact_.clear();
  to_compact_when_idle_.clear();
  try {
    read_dictionaries(writer_->database(), codec_);
    load_hosts();
    load_filed();
    load_kept_from();
    load_state();
    load_damaged();
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
  may_mend_ = true;
  look_at_borders_at_ = INT64_MIN;
  last_gave_back_ = INT64_MIN / 2;
  last_counted_young_ = INT64_MIN / 2;
}

void SqliteStore::load_hosts() {
  SQLite::Statement rows(writer_->database(),
                         "SELECT id, name, first_seen, last_seen, facts, known_since FROM host");
  while (rows.executeStep()) {
    auto host = std::make_unique<Host>();
    host->id = rows.getColumn(0).getInt64();
    host->name = rows.getColumn(1).getString();
    host->first_seen = rows.getColumn(2).getInt64();
    host->last_heard = host->last_seen = rows.getColumn(3).getInt64();
    host->known_since = rows.getColumn(5).getInt64();
    auto facts = protocol::facts_from_json(rows.getColumn(4).getString());
    if (facts && *facts != protocol::HostFacts()) {
      host->facts = std::move(*facts);
      host->facts_time = host->last_seen;
    }
    const std::string name = host->name;
    hosts_.emplace(name, std::move(host));
  }
  SQLite::Statement last(writer_->database(), "SELECT seq FROM sqlite_sequence WHERE name = 'host'");
  if (last.executeStep()) next_host_id_ = last.getColumn(0).getInt64() + 1;
  SQLite::Statement forgotten(writer_->database(), "SELECT max(id) FROM forgotten_host");
  if (forgotten.executeStep()) next_host_id_ = std::max(next_host_id_, forgotten.getColumn(0).getInt64() + 1);
  for (const auto& [name, host] : hosts_) next_host_id_ = std::max(next_host_id_, host->id + 1);
}

std::unordered_map<std::int64_t, SqliteStore::Host*> SqliteStore::hosts_by_id() const {
  std::unordered_map<std::int64_t, Host*> by_id;
  for (const auto& [name, host] : hosts_) by_id.emplace(host->id, host.get());
  return by_id;
}

void SqliteStore::load_filed() {
  const auto by_id = hosts_by_id();
  std::unordered_set<std::int64_t> filed;
  SQLite::Statement rows(writer_->database(),
                         "SELECT host, newest, interval, next_tail, uncompacted, series, latest FROM filed");
  while (rows.executeStep()) {
    const auto found = by_id.find(rows.getColumn(0).getInt64());
    if (found == by_id.end()) continue;  // forgotten, and not deleted yet
    Host& host = *found->second;
    host.newest = host.newest_filed = rows.getColumn(1).getInt64();
    host.observed_interval = rows.getColumn(2).getInt64();
    host.next_tail = rows.getColumn(3).getInt64();
    host.uncompacted = rows.getColumn(4).getInt64();
    host.tail_known = false;
    load_series(host, blob(rows.getColumn(5)));
    load_latest(host, blob(rows.getColumn(6)));
    filed.insert(host.id);
  }
  for (const auto& [name, host] : hosts_) {
    compare_with_rows(*host, filed.contains(host->id));
    host->last_seen = std::max(host->last_seen, host->newest);
    host->last_heard = std::max(host->last_heard, host->newest);
    want_compaction(*host);
    host->is_compared = !filed.contains(host->id);
    if (!host->is_compared) uncompared_.push_back(name);
  }
}

void SqliteStore::load_kept_from() {
  const auto by_id = hosts_by_id();
  SQLite::Statement rows(writer_->database(), "SELECT host, reading, minute, hour FROM kept_from");
  while (rows.executeStep()) {
    const auto found = by_id.find(rows.getColumn(0).getInt64());
    if (found == by_id.end()) continue;
    keep_from(*found->second,
              {rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64(), rows.getColumn(3).getInt64()});
  }
}

void SqliteStore::load_state() {
  SQLite::Statement row(writer_->database(),
                        "SELECT filings, earliest_reading, earliest_minute, earliest_hour, filing_up_to, "
                        "names_left FROM state");
  if (!row.executeStep()) throw StoreError("the database is damaged: its state is missing");
  filings_ = row.getColumn(0).getInt64();
  earliest_reading_ = row.getColumn(1).getInt64();
  earliest_minute_ = row.getColumn(2).getInt64();
  earliest_hour_ = row.getColumn(3).getInt64();
  filing_up_to_ = row.getColumn(4).getInt64();
  names_were_left_ = row.getColumn(5).getInt() != 0;
}

/// What is kept apart is missing in the history, also after a start.
void SqliteStore::load_damaged() {
  SQLite::Statement rows(writer_->database(), "SELECT found_in, id FROM damaged_chunk");
  while (rows.executeStep()) {
    const std::string found_in = rows.getColumn(0).getString();
    const Level level = found_in == table_of(Level::minute) ? Level::minute
                        : found_in == table_of(Level::hour) ? Level::hour
                                                            : Level::raw;
    note_damage(level, rows.getColumn(1).getInt64());
  }
}

/// After a stop in the middle of filing, some readings are in the journal and in the tail: they are not
/// pending. Nor are those whose chunk has been deleted since.
void SqliteStore::replay_reading(Host& host, std::int64_t timestamp, std::string_view packed,
                                 bool may_be_filed) {
  const bool is_filed = may_be_filed && timestamp <= host.newest_filed &&
                        (timestamp < host.kept_from.reading ||
                         filed_readings_->find(host.id, tail_of(host), timestamp, packed) != Stored::no);
  if (!is_filed) host.pending.emplace(timestamp, std::make_shared<const std::string>(packed));
}

void SqliteStore::replay_journal() {
  const auto by_id = hosts_by_id();
  SQLite::Statement rows(writer_->database(), "SELECT sequence, readings FROM journal ORDER BY sequence");
  next_sequence_ = 1;
  while (rows.executeStep()) {
    next_sequence_ = rows.getColumn(0).getInt64() + 1;
    const bool may_be_filed = rows.getColumn(0).getInt64() <= filing_up_to_;
    const std::string_view block = blob(rows.getColumn(1));
    try {
      read_journal_block(block, [&](std::int64_t id, std::int64_t timestamp, std::string_view packed) {
        const auto found = by_id.find(id);
        if (found == by_id.end()) return;  // forgotten since
        replay_reading(*found->second, timestamp, packed, may_be_filed);
      });
    } catch (const StoreError&) {
      damaged_journal_.push_back(next_sequence_ - 1);  // what comes before the damage is taken
    }
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
