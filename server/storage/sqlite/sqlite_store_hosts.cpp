// SqliteStore: hosts that are forgotten, or whose history is.
#include <nlohmann/json.hpp>

#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {

bool SqliteStore::forget_host(std::string_view hostname) {
  recover_if_broken();
  const auto found = hosts_.find(hostname);
  if (found == hosts_.end()) return false;
  Host& host = *found->second;
  in_transaction(Sync::at_once, [&] {
    statement("UPDATE state SET names_left = 1").exec();
    SQLite::Statement& remember = statement("INSERT INTO forgotten_host (id) VALUES (?)");
    remember.bind(1, host.id);
    remember.exec();
    SQLite::Statement& remove = statement("DELETE FROM host WHERE id = ?");
    remove.bind(1, host.id);
    remove.exec();
  });
  has_forgotten_ = true;
  names_were_left_ = true;
  const std::unique_lock lock(mutex_);
  uncount_pending(host.pending.begin(), host.pending.end());
  hosts_.erase(found);
  return true;
}

/// The host goes on under a new number; what was stored under the old one is a stranger's and is deleted in
/// time.
bool SqliteStore::clean_host(std::string_view hostname, std::int64_t now) {
  recover_if_broken();
  const auto found = hosts_.find(hostname);
  if (found == hosts_.end()) return false;
  Host& host = *found->second;
  const std::int64_t id = next_host_id_;
  in_transaction(Sync::at_once, [&] {
    statement("UPDATE state SET names_left = 1").exec();
    SQLite::Statement& remember = statement("INSERT INTO forgotten_host (id) VALUES (?)");
    remember.bind(1, host.id);
    remember.exec();
    // Deleted and inserted, not renumbered: SQLite remembers only numbers that were inserted as used.
    SQLite::Statement& remove = statement("DELETE FROM host WHERE id = ?");
    remove.bind(1, host.id);
    remove.exec();
    SQLite::Statement& insert =
        statement("INSERT INTO host (id, name, first_seen, last_seen, facts) VALUES (?, ?, ?, ?, ?)");
    insert.bind(1, id);
    insert.bind(2, host.name);
    insert.bind(3, now);
    insert.bind(4, now);
    insert.bind(5, protocol::to_json(host.facts).dump());
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
  host.latest.clear();
  host.pending.clear();
  host.series = {};
  host.kept_from = {};
  host.compact_before = 0;
  host.tail.clear();
  host.tail_known = true;
  host.next_tail = host.uncompacted = host.chunk_rows = 0;
  host.leaf_period = kDay;
  return true;
}

}  // namespace hostwatch::storage::sqlite
