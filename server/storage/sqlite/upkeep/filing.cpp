#include "server/storage/sqlite/upkeep/filing.h"

#include <algorithm>
#include <iterator>

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kMostHosts = 500;  ///< a transaction

}  // namespace

bool Filing::run(std::int64_t now) {
  try {
    return file_slice(now);
  } catch (...) {
    is_under_way_ = false;
    throw;
  }
}

void Filing::reset(std::int64_t up_to) {
  is_under_way_ = false;
  up_to_ = up_to;
}

bool Filing::begin(std::int64_t now) {
  const bool due = hosts_.pending_count() >= options_.file_after_readings ||
                   hosts_.pending_bytes() >= options_.max_pending_bytes / 2 ||
                   now - last_filed_ >= options_.file_after_seconds || now < last_filed_;
  if (!due || hosts_.pending_count() == 0) return false;
  is_under_way_ = true;
  up_to_ = journal_.last();
  hosts_to_file_.clear();
  for (const auto& [name, host] : hosts_.all()) {
    if (!host->pending.empty()) hosts_to_file_.push_back(name);
  }
  return true;
}

bool Filing::file_slice(std::int64_t now) {
  if (!is_under_way_ && !begin(now)) return false;
  // How far each host of this slice gets: its pending readings before that time are filed.
  std::vector<std::pair<Host*, PackedByTime::iterator>> filed;
  std::size_t count = 0;
  writer_.in_transaction(Writer::Sync::later, [&] {
    while (!hosts_to_file_.empty() && count < options_.file_at_once && filed.size() < kMostHosts) {
      Host* const found = hosts_.find(hosts_to_file_.back());
      if (found != nullptr && !found->pending.empty()) {
        Host& host = *found;
        auto end = host.pending.end();
        count += file_host(host, options_.file_at_once - count, end);
        filed.emplace_back(&host, end);
        if (end != host.pending.end()) break;  // the slice is full; the host goes on in the next
      }
      hosts_to_file_.pop_back();
    }
    if (hosts_to_file_.empty()) {
      journal_.drop_up_to(up_to_);
    }
    // What came since the filing began may be filed with it: its rows stay, and are compared with the tail
    // and the chunks when they are read back.
    const std::int64_t last = journal_.last();
    SQLite::Statement& state = writer_.statement("UPDATE state SET filings = filings + 1, filing_up_to = ?");
    state.bind(1, hosts_to_file_.empty() && last == up_to_ ? 0 : last);
    state.exec();
  });
  writer_.after_commit([&] { publish(filed); });
  if (!hosts_to_file_.empty()) return true;
  is_under_way_ = false;
  last_filed_ = now;
  return false;
}

/// Writes up to `most` of the host's pending readings into its tail; `end`: the first that is not among them.
std::size_t Filing::file_host(Host& host, std::size_t most, PackedByTime::iterator& end) {
  TailWriter writer(writer_.statement(TailWriter::kInsert), host.id, host.next_tail, host.leaf_period);
  std::size_t count = 0;
  auto at = host.pending.begin();
  for (; at != host.pending.end() && count < most; ++at, ++count) writer.add(at->first, *at->second);
  writer.flush();
  end = at;
  host.filed_rows = writer.rows();
  write_filed(host, std::prev(at), static_cast<std::int64_t>(count), writer.next_number());
  SQLite::Statement& seen =
      writer_.statement("UPDATE host SET first_seen = ?1 WHERE id = ?2 AND first_seen > ?1");
  seen.bind(1, host.first_seen);
  seen.bind(2, host.id);
  seen.exec();
  return count;
}

/// The host's row in `filed`, after readings up to `newest` were put into its tail.
void Filing::write_filed(const Host& host, PackedByTime::const_iterator newest, std::int64_t count,
                         std::int64_t next_tail) {
  const std::string series = host.series.pack();
  if (newest->first <= host.newest_filed) {
    SQLite::Statement& update =
        writer_.statement("UPDATE filed SET next_tail = ?, uncompacted = ?, series = ? WHERE host = ?");
    update.bind(1, next_tail);
    update.bind(2, host.uncompacted + count);
    update.bindNoCopy(3, series.data(), static_cast<int>(series.size()));
    update.bind(4, host.id);
    update.exec();
    return;
  }
  const std::int64_t before = newest == host.pending.begin()
                                  ? host.newest_filed
                                  : std::max(std::prev(newest)->first, host.newest_filed);
  SQLite::Statement& replace = writer_.statement(
      "INSERT OR REPLACE INTO filed (host, newest, interval, next_tail, uncompacted, series, latest) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  replace.bind(1, host.id);
  replace.bind(2, newest->first);
  replace.bind(3, before == INT64_MIN ? 0 : newest->first - before);
  replace.bind(4, next_tail);
  replace.bind(5, host.uncompacted + count);
  replace.bindNoCopy(6, series.data(), static_cast<int>(series.size()));
  replace.bindNoCopy(7, newest->second->data(), static_cast<int>(newest->second->size()));
  replace.exec();
}

void Filing::publish(const std::vector<std::pair<Host*, PackedByTime::iterator>>& filed) {
  const util::ExclusiveLock lock(hosts_.mutex());
  hosts_.note_filing();
  std::int64_t oldest = INT64_MAX;
  for (const auto& [host, end] : filed) {
    host->newest_filed = std::max(host->newest_filed, std::prev(end)->first);
    for (const TailRow& row : host->filed_rows) {
      if (host->tail_known) host->tail.push_back(row);
      host->uncompacted += row.readings;
      oldest = std::min(oldest, row.first);
      host->next_tail = row.number + 1;
    }
    host->filed_rows.clear();
    hosts_.uncount_pending(host->pending.begin(), end);
    host->pending.erase(host->pending.begin(), end);
    queue_.want(*host);
    if (host->tail_known && host->compact_before != 0)
      compaction_.compact_before(*host, host->compact_before);
  }
  figures_.note_filed(oldest);
}

}  // namespace hostwatch::storage::sqlite
