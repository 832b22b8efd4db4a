#include "server/storage/sqlite/upkeep/host_deletion.h"

#include <array>

#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr int kDeleteRows = 50;  ///< of a table, in one slice

}  // namespace

/// What is stored under that number belongs to no host from now on, and is deleted in time.
void HostDeletion::write_forgotten(std::int64_t host) {
  names_.write_deletion();
  for (const char* sql : {"INSERT INTO forgotten_host (id) VALUES (?)", "DELETE FROM host WHERE id = ?"}) {
    SQLite::Statement& change = writer_.statement(sql);
    change.bind(1, host);
    change.exec();
  }
}

void HostDeletion::note_forgotten() {
  has_work_ = true;
  names_.note_deletion();
}

bool HostDeletion::forget(std::string_view hostname) {
  Host* const found = hosts_.find(hostname);
  if (found == nullptr) return false;
  Host& host = *found;
  writer_.in_transaction(Writer::Sync::at_once, [&] { write_forgotten(host.id); });
  note_forgotten();
  const util::ExclusiveLock lock(hosts_.mutex());
  hosts_.uncount_pending(host.pending.begin(), host.pending.end());
  hosts_.change().erase(hosts_.change().find(hostname));
  hosts_.count_young_again();  // others may bring names in its place
  return true;
}

/// The host goes on under a new number.
bool HostDeletion::clean(std::string_view hostname, std::int64_t now) {
  Host* const found = hosts_.find(hostname);
  if (found == nullptr) return false;
  Host& host = *found;
  const std::int64_t id = hosts_.next_id();
  writer_.in_transaction(Writer::Sync::at_once, [&] {
    // Deleted and inserted, not renumbered: SQLite remembers only numbers that were inserted as used.
    write_forgotten(host.id);
    SQLite::Statement& insert = writer_.statement(
        "INSERT INTO host (id, name, first_seen, last_seen, facts, known_since) VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(1, id);
    insert.bind(2, host.name);
    insert.bind(3, now);
    insert.bind(4, now);
    insert.bind(5, protocol::facts_json(host.facts));
    insert.bind(6, host.known_since);
    insert.exec();
  });
  hosts_.set_next_id(id + 1);
  note_forgotten();
  const util::ExclusiveLock lock(hosts_.mutex());
  hosts_.uncount_pending(host.pending.begin(), host.pending.end());
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
  bookkeeping_.forget(host);
  hosts_.count_young_again();
  return true;
}

bool HostDeletion::run() {
  if (!has_work_) return false;
  constexpr std::array<const char*, 5> kDeletes{
      "DELETE FROM tail WHERE id IN (SELECT id FROM tail WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM raw_chunk WHERE id IN (SELECT id FROM raw_chunk WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM minute_chunk WHERE id IN (SELECT id FROM minute_chunk WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM hour_chunk WHERE id IN (SELECT id FROM hour_chunk WHERE id BETWEEN ? AND ? LIMIT ?)",
      "DELETE FROM damaged_chunk WHERE number IN "
      "(SELECT number FROM damaged_chunk WHERE id BETWEEN ? AND ? LIMIT ?)"};
  writer_.in_transaction(Writer::Sync::later, [&] {
    SQLite::Statement& next = writer_.statement("SELECT id FROM forgotten_host LIMIT 1");
    has_work_ = next.executeStep();
    if (!has_work_) return;
    const std::int64_t host = next.getColumn(0).getInt64();
    next.reset();
    for (const char* sql : kDeletes) {
      SQLite::Statement& remove = writer_.statement(sql);
      remove.bind(1, row_id(host, 0));
      remove.bind(2, row_id(host, kGreatestLow));
      remove.bind(3, kDeleteRows);
      if (remove.exec() != 0) return;
    }
    for (const char* sql : {"DELETE FROM filed WHERE host = ?", "DELETE FROM kept_from WHERE host = ?",
                            "DELETE FROM forgotten_host WHERE id = ?"}) {
      SQLite::Statement& done = writer_.statement(sql);
      done.bind(1, host);
      done.exec();
    }
  });
  return has_work_;
}

}  // namespace hostwatch::storage::sqlite
