#include "server/storage/sqlite/journal.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <string>

#include "server/storage/packed/journal_block.h"

namespace hostwatch::storage::sqlite {

void Journal::insert(std::string_view block) {
  SQLite::Statement& insert = writer_.statement("INSERT INTO journal (sequence, readings) VALUES (?, ?)");
  insert.bind(1, next_);
  insert.bindNoCopy(2, block.data(), static_cast<int>(block.size()));
  insert.exec();
}

void Journal::drop_up_to(std::int64_t number) {
  SQLite::Statement& drop = writer_.statement("DELETE FROM journal WHERE sequence <= ?");
  drop.bind(1, number);
  drop.exec();
}

/// After a stop in the middle of filing, some readings are in the journal and in the tail: they are not
/// pending. Nor are those whose chunk has been deleted since.
void Journal::replay_reading(Host& host, std::int64_t timestamp, std::string_view packed, bool may_be_filed) {
  const bool is_filed =
      may_be_filed && timestamp <= host.newest_filed &&
      (timestamp < host.kept_from.reading ||
       writer_.filed_readings().find(host.id, bookkeeping_.tail_of(host), timestamp, packed) != Stored::no);
  if (!is_filed) host.pending.emplace(timestamp, std::make_shared<const std::string>(packed));
}

void Journal::replay(std::int64_t filing_up_to) {
  hosts_.mutex().assert_held();
  damaged_.clear();
  const auto by_id = hosts_.by_id();
  SQLite::Statement rows(writer_.database(), "SELECT sequence, readings FROM journal ORDER BY sequence");
  next_ = 1;
  while (rows.executeStep()) {
    next_ = rows.getColumn(0).getInt64() + 1;
    const bool may_be_filed = rows.getColumn(0).getInt64() <= filing_up_to;
    const std::string_view block = blob(rows.getColumn(1));
    try {
      read_journal_block(block, [&](std::int64_t id, std::int64_t timestamp, std::string_view packed) {
        const auto found = by_id.find(id);
        if (found == by_id.end()) return;  // forgotten since
        replay_reading(*found->second, timestamp, packed, may_be_filed);
      });
    } catch (const StoreError&) {
      damaged_.push_back(next_ - 1);  // what comes before the damage is taken
    }
  }
  hosts_.count_pending_anew();
  for (const auto& [name, host] : hosts_.all()) {
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
  if (hosts_.pending_count() != 0)
    spdlog::info("read {} readings back from the journal", hosts_.pending_count());
}

void Journal::mend() {
  if (damaged_.empty()) return;
  writer_.in_transaction(Writer::Sync::later, [&] {
    for (const std::int64_t sequence : damaged_) {
      SQLite::Statement& select = writer_.statement("SELECT readings FROM journal WHERE sequence = ?");
      select.bind(1, sequence);
      if (!select.executeStep()) continue;
      const std::string bytes(blob(select.getColumn(0)));
      select.tryReset();
      JournalBlockWriter whole;
      try {
        read_journal_block(bytes, [&](std::int64_t host, std::int64_t timestamp, std::string_view packed) {
          whole.add(host, timestamp, packed);
        });
      } catch (const StoreError&) {
        writer_.compactor().tables().keep_apart(Level::raw, "journal", sequence, bytes);
      }
      SQLite::Statement& update = writer_.statement("UPDATE journal SET readings = ? WHERE sequence = ?");
      update.bind(1, whole.bytes().data(), static_cast<int>(whole.bytes().size()));
      update.bind(2, sequence);
      update.exec();
    }
  });
  spdlog::error(
      "{} rows of the journal cannot be read to their end: what comes before the damage is taken, the rows "
      "are kept apart, in damaged_chunk",
      damaged_.size());
  damaged_.clear();
}

}  // namespace hostwatch::storage::sqlite
