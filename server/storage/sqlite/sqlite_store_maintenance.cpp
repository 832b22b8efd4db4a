// SqliteStore: filing readings under their hosts, and retention, in small transactions.
#include <algorithm>

#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kFilingSlice = 2000;    ///< readings a transaction
constexpr std::size_t kHurriedSlice = 20000;  ///< the same while more arrives than is filed
constexpr std::int64_t kDeletingSlice = 2000;
constexpr std::int64_t kExpireEverySeconds = 300;

}  // namespace

bool SqliteStore::maintain(std::int64_t now) {
  recover_if_broken();
  try {
    if (file_pending(now)) return true;
  } catch (...) {
    // The slice was rolled back: begin anew, or the journal would be dropped with the slice's readings
    // unfiled.
    filing_ = false;
    throw;
  }
  if (delete_forgotten()) return true;
  return delete_expired(now);
}

/// One transaction of filing; true if the filing under way has more to do.
bool SqliteStore::file_pending(std::int64_t now) {
  if (!filing_) {
    const bool due =
        pending_count_ >= options_.file_after_readings || pending_bytes_ >= options_.max_pending_bytes / 2 ||
        (pending_count_ != 0 && now - last_filed_ >= options_.file_after_seconds) || now < last_filed_;
    if (!due || pending_count_ == 0) return false;
    filing_ = true;
    filing_up_to_ = next_sequence_ - 1;
    filing_hosts_.clear();
    for (const auto& [name, host] : hosts_) {
      if (!host->pending.empty()) filing_hosts_.push_back(name);
    }
  }
  const std::size_t slice = pending_bytes_ > options_.max_pending_bytes / 2 ? kHurriedSlice : kFilingSlice;

  // How far each host of this slice gets: its pending readings before that time are filed.
  std::vector<std::pair<Host*, PackedByTime::iterator>> filed;
  std::size_t count = 0;
  in_transaction(Sync::later, [&] {
    while (!filing_hosts_.empty() && count < slice) {
      const auto found = hosts_.find(filing_hosts_.back());
      Host* host = found == hosts_.end() ? nullptr : found->second.get();
      auto end = host == nullptr ? PackedByTime::iterator() : host->pending.begin();
      SQLite::Statement& insert =
          statement("INSERT OR IGNORE INTO reading (host, timestamp, packed) VALUES (?, ?, ?)");
      while (host != nullptr && end != host->pending.end() && count < slice) {
        insert.bind(1, host->id);
        insert.bind(2, end->first);
        insert.bindNoCopy(3, end->second.data(), static_cast<int>(end->second.size()));
        insert.exec();
        insert.reset();
        ++end;
        ++count;
      }
      if (host != nullptr) {
        filed.emplace_back(host, end);
        SQLite::Statement& seen =
            statement("UPDATE host SET first_seen = ?, last_seen = max(last_seen, ?) WHERE id = ?");
        seen.bind(1, host->first_seen);
        seen.bind(2, host->newest);
        seen.bind(3, host->id);
        seen.exec();
        if (end != host->pending.end()) break;  // the slice is full; the host goes on in the next
      }
      filing_hosts_.pop_back();
    }
    if (filing_hosts_.empty()) {
      SQLite::Statement& drop = statement("DELETE FROM journal WHERE sequence <= ?");
      drop.bind(1, filing_up_to_);
      drop.exec();
    }
  });

  const std::unique_lock lock(mutex_);
  for (auto& [host, end] : filed) {
    if (end == host->pending.begin()) continue;
    host->newest_filed = std::max(host->newest_filed, std::prev(end)->first);
    uncount_pending(host->pending.begin(), end);
    host->pending.erase(host->pending.begin(), end);
  }
  if (!filing_hosts_.empty()) return true;
  filing_ = false;
  last_filed_ = now;
  return false;
}

/// One slice of the readings that are older than they are kept; each host in its turn, all within minutes.
bool SqliteStore::delete_expired(std::int64_t now) {
  if (expiring_hosts_.empty()) {
    if (now - last_expired_ < kExpireEverySeconds && now >= last_expired_) return false;
    last_expired_ = now;
    for (const auto& [name, host] : hosts_) expiring_hosts_.push_back(name);
    return !expiring_hosts_.empty();
  }
  const auto found = hosts_.find(expiring_hosts_.back());
  int deleted = 0;
  if (found != hosts_.end()) {
    in_transaction(Sync::later, [&] {
      SQLite::Statement& remove = statement(
          "DELETE FROM reading WHERE host = ?1 AND timestamp IN "
          "(SELECT timestamp FROM reading WHERE host = ?1 AND timestamp < ?2 ORDER BY timestamp LIMIT ?3)");
      remove.bind(1, found->second->id);
      remove.bind(2, earliest_kept(now));
      remove.bind(3, kDeletingSlice);
      deleted = remove.exec();
    });
  }
  if (deleted < kDeletingSlice) expiring_hosts_.pop_back();
  return !expiring_hosts_.empty();
}

/// One slice of the readings of hosts that were forgotten.
bool SqliteStore::delete_forgotten() {
  if (!has_forgotten_) return false;
  in_transaction(Sync::later, [&] {
    SQLite::Statement& next = statement("SELECT id FROM forgotten_host LIMIT 1");
    has_forgotten_ = next.executeStep();
    if (!has_forgotten_) return;
    const std::int64_t id = next.getColumn(0).getInt64();
    next.reset();
    SQLite::Statement& remove = statement(
        "DELETE FROM reading WHERE host = ?1 AND timestamp IN "
        "(SELECT timestamp FROM reading WHERE host = ?1 ORDER BY timestamp LIMIT ?2)");
    remove.bind(1, id);
    remove.bind(2, kDeletingSlice);
    if (remove.exec() == kDeletingSlice) return;
    SQLite::Statement& done = statement("DELETE FROM forgotten_host WHERE id = ?");
    done.bind(1, id);
    done.exec();
  });
  return has_forgotten_;
}

}  // namespace hostwatch::storage::sqlite
