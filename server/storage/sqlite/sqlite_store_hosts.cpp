// SqliteStore: hosts that are forgotten, or whose history is.

#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kCountEverySeconds = 300;

}  // namespace

/// Hosts that are known for less than a day, and the names that they have brought. That some are older by now
/// shows within minutes.
void SqliteStore::count_young_hosts(std::int64_t now) {
  if (now - last_counted_young_ < kCountEverySeconds && now >= last_counted_young_) return;
  last_counted_young_ = now;
  std::size_t hosts = 0;
  Brought brought;
  for (const auto& [name, host] : hosts_) {
    if (!host->is_young(now)) continue;
    ++hosts;
    const Brought one = codec_.brought_by(host->id);
    brought.entries += one.entries;
    brought.bytes += one.bytes;
  }
  codec_.brought_by_new_hosts = brought;
  const std::unique_lock lock(mutex_);
  young_hosts_ = hosts;
}

/// What is stored under that number is a stranger's from now on, and is deleted in time.
void SqliteStore::write_forgotten(std::int64_t host) {
  statement("UPDATE state SET names_left = 1").exec();
  for (const char* sql : {"INSERT INTO forgotten_host (id) VALUES (?)", "DELETE FROM host WHERE id = ?"}) {
    SQLite::Statement& change = statement(sql);
    change.bind(1, host);
    change.exec();
  }
}

bool SqliteStore::forget_host(std::string_view hostname) {
  recover_if_broken();
  look_for_file();
  const auto found = hosts_.find(hostname);
  if (found == hosts_.end()) return false;
  Host& host = *found->second;
  in_transaction(Sync::at_once, [&] { write_forgotten(host.id); });
  has_forgotten_ = true;
  names_were_left_ = true;
  const std::unique_lock lock(mutex_);
  uncount_pending(host.pending.begin(), host.pending.end());
  hosts_.erase(found);
  last_counted_young_ = INT64_MIN / 2;  // others may bring names in its place
  return true;
}

bool SqliteStore::admits(std::string_view hostname) const {
  const std::shared_lock lock(mutex_);
  return hosts_.size() < options_.max_hosts || hosts_.contains(hostname);
}

bool SqliteStore::admit(std::string_view hostname, HostComes how, std::int64_t now) {
  HostCount count;
  {
    const std::shared_lock lock(mutex_);
    if (hosts_.contains(hostname)) return true;
    count = {hosts_.size(), young_hosts_};
  }
  return places_.take(hostname, count, how, now);
}

/// The host goes on under a new number.
bool SqliteStore::clean_host(std::string_view hostname, std::int64_t now) {
  recover_if_broken();
  look_for_file();
  const auto found = hosts_.find(hostname);
  if (found == hosts_.end()) return false;
  Host& host = *found->second;
  const std::int64_t id = next_host_id_;
  in_transaction(Sync::at_once, [&] {
    // Deleted and inserted, not renumbered: SQLite remembers only numbers that were inserted as used.
    write_forgotten(host.id);
    SQLite::Statement& insert = statement(
        "INSERT INTO host (id, name, first_seen, last_seen, facts, known_since) VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(1, id);
    insert.bind(2, host.name);
    insert.bind(3, now);
    insert.bind(4, now);
    insert.bind(5, protocol::facts_json(host.facts));
    insert.bind(6, host.known_since);
    insert.exec();
  });
  ++next_host_id_;
  has_forgotten_ = true;
  names_were_left_ = true;
  const std::unique_lock lock(mutex_);
  uncount_pending(host.pending.begin(), host.pending.end());
  host.id = id;
  host.first_seen = host.last_seen = now;
  host.newest = host.newest_filed = INT64_MIN;
  host.latest.reset();
  host.pending.clear();
  host.series = {};
  host.kept_from = {};
  host.compact_before = 0;
  host.compacts_all = false;
  host.tail.clear();
  host.tail_known = true;
  host.next_tail = host.uncompacted = host.chunk_rows = 0;
  host.leaf_period = kDay;
  host.put_off_for = host.put_off_until = 0;  // what stood in the way is gone
  contradictions_.erase(host.name);
  last_counted_young_ = INT64_MIN / 2;
  return true;
}

}  // namespace hostwatch::storage::sqlite
