#include "server/storage/sqlite/upkeep/compaction.h"

#include <algorithm>

#include "server/storage/sqlite/database/sqlite_errors.h"

namespace hostwatch::storage::sqlite {

bool Compaction::run() {
  Host* const host = queue_.first();
  if (host == nullptr) return false;
  if (!host->tail_known) writer_.in_transaction(Writer::Sync::later, [&] { bookkeeping_.tail_of(*host); });
  if (bookkeeping_.mend()) return true;
  compact(*host);
  return true;
}

bool Compaction::run_when_idle() {
  return queue_.add_one_when_idle() && run();
}

/// Where it cannot be done for what the host's rows are, no other host waits for it.
void Compaction::compact(Host& host) {
  CompactionPiece piece;
  try {
    writer_.in_transaction(Writer::Sync::later, [&] {
      piece = writer_.compactor().compact(host.id, bookkeeping_.tail_of(host), host.next_tail);
      SQLite::Statement& update =
          writer_.statement("UPDATE filed SET next_tail = ?, uncompacted = ? WHERE host = ?");
      update.bind(1, piece.next_number);
      update.bind(2, host.uncompacted - piece.readings);
      update.bind(3, host.id);
      update.exec();
    });
  } catch (const DiskError&) {
    throw;
  } catch (const StoreError& error) {
    queue_.pop(host);
    backoff_.put_off(host, error.what());
    return;
  }
  writer_.after_commit([&] {
    publish(host, piece);
    backoff_.end(host);
    // The next host's turn comes first: none waits for one with a long backlog.
    queue_.pop(host);
    const bool is_old = std::any_of(host.tail.begin(), host.tail.end(),
                                    [&host](const TailRow& row) { return row.first < host.compact_before; });
    host.compacts_all = host.compacts_all && !host.tail.empty();
    if (!piece.added.empty() || is_old || host.compacts_all ||
        host.uncompacted >= options_.compact_after_readings) {
      queue_.add(host);
    }
  });
}

void Compaction::publish(Host& host, const CompactionPiece& piece) {
  const util::ExclusiveLock lock(hosts_.mutex());
  std::erase_if(host.tail, [&](const TailRow& row) {
    return std::find(piece.removed.begin(), piece.removed.end(), row.number) != piece.removed.end();
  });
  host.tail.insert(host.tail.end(), piece.added.begin(), piece.added.end());
  host.next_tail = piece.next_number;
  host.uncompacted -= piece.readings;
  host.leaf_period = piece.leaf_period;
  if (piece.leaf_rows != 0) host.chunk_rows = piece.leaf_rows;
  writer_.filed_readings().note_compaction(host.id, piece.removed, piece.newest);
}

bool Compaction::compact_before(Host& host, std::int64_t time) {
  host.compact_before = time;
  if (backoff_.is_put_off(host)) return false;  // what it still needs stays: the next pass asks again
  const auto& tail = bookkeeping_.tail_of(host);
  const auto is_old = [time](const TailRow& row) { return row.first < time; };
  if (host.uncompacted == 0 || std::none_of(tail.begin(), tail.end(), is_old)) return false;
  if (!host.awaits_compaction) queue_.add(host);
  return true;
}

void Compaction::compact_all(Host& host) {
  host.compacts_all = true;
  if (!host.awaits_compaction) queue_.add(host);
}

void Compaction::compact_old_tail(Host& host, std::int64_t now) {
  if (host.uncompacted == 0 || host.awaits_compaction || backoff_.is_put_off(host)) return;
  const auto& tail = bookkeeping_.tail_of(host);
  const auto is_old = [now](const TailRow& row) { return row.first < now - kDay; };
  if (std::none_of(tail.begin(), tail.end(), is_old)) return;
  queue_.add(host);
}

void Compaction::try_again(Host& host) {
  if (host.put_off_for == 0 || backoff_.is_put_off(host) || host.awaits_compaction) return;
  if (host.uncompacted == 0) {
    backoff_.end(host);
  } else {
    queue_.add(host);
  }
}

}  // namespace hostwatch::storage::sqlite
