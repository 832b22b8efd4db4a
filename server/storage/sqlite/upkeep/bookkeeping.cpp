#include "server/storage/sqlite/upkeep/bookkeeping.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kMostUncompacted = std::int64_t{1} << 40;  ///< more than any disk holds
constexpr std::size_t kComparedAtOnce = 20;   ///< hosts: a chunk's times are read for each
constexpr std::int64_t kAheadOfClock = 3600;  ///< seconds; readings come from five minutes ahead at most

std::int64_t readings_of(const std::vector<TailRow>& tail) {
  std::int64_t readings = 0;
  for (const TailRow& row : tail) readings += row.readings;
  return readings;
}

std::int64_t newest_of(const std::vector<TailRow>& tail) {
  std::int64_t newest = INT64_MIN;
  for (const TailRow& row : tail) newest = std::max(newest, row.last);
  return newest;
}

}  // namespace

void Bookkeeping::load() {
  const auto by_id = hosts_.by_id();
  std::unordered_set<std::int64_t> filed;
  SQLite::Statement rows(writer_.database(),
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
  for (const auto& [name, host] : hosts_.all()) {
    compare_with_rows(*host, filed.contains(host->id));
    host->last_seen = std::max(host->last_seen, host->newest);
    host->last_heard = std::max(host->last_heard, host->newest);
    queue_.want(*host);
    host->is_compared = !filed.contains(host->id);
    if (!host->is_compared) uncompared_.push_back(name);
  }
}

void Bookkeeping::clear() {
  contradictions_.clear();
  uncompared_.clear();
}

const std::vector<TailRow>& Bookkeeping::tail_of(Host& host) {
  if (host.tail_known) return host.tail;
  host.tail.clear();
  SQLite::Statement& rows = writer_.statement(
      "SELECT id, first, last, readings, length(block) FROM tail WHERE id BETWEEN ? AND ? ORDER BY id");
  rows.bind(1, row_id(host.id, 0));
  rows.bind(2, row_id(host.id, kGreatestLow));
  while (rows.executeStep()) {
    host.tail.push_back({low_of_row(rows.getColumn(0).getInt64()), rows.getColumn(1).getInt64(),
                         rows.getColumn(2).getInt64(), rows.getColumn(3).getInt64(),
                         rows.getColumn(4).getInt64()});
  }
  host.tail_known = true;
  compare_with_tail(host);
  return host.tail;
}

/// Of the series it is known again with the next readings which it has.
void Bookkeeping::load_series(Host& host, std::string_view packed) {
  try {
    host.series = HostSeries::unpack(packed);
  } catch (const StoreError&) {
    host.series = {};
    contradicts(host, "its list of series cannot be read");
  }
}

/// Where it cannot be read, the reading itself is looked for; where that is kept no longer, nothing is known
/// of the host's latest values until it sends again.
void Bookkeeping::load_latest(Host& host, std::string_view packed) {
  std::vector<StoredValue> values;
  try {
    if (!packed.empty()) {
      codec_.decode(packed, values);
      host.latest = std::make_shared<const std::string>(packed);
      return;
    }
  } catch (const StoreError&) {
    contradicts(host, "its latest reading cannot be read");
  }
  host.latest.reset();
  try {
    const auto found = writer_.filed_readings().reading_at(host.id, tail_of(host), host.newest);
    if (!found) return;
    codec_.decode(*found, values);
    host.latest = std::make_shared<const std::string>(*found);
    if (packed.empty()) contradicts(host, "its latest reading is missing");
  } catch (const StoreError&) {
    return;  // it is damaged where it is stored, too
  }
}

/// At the start: one look at the last row of the host's tail. How many readings there are, and which is the
/// newest of all, is compared when the tail is read for the first time, within minutes; here only where it
/// cannot be right.
void Bookkeeping::compare_with_rows(Host& host, bool is_filed) {
  SQLite::Statement& last =
      writer_.statement("SELECT id, last FROM tail WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
  last.bind(1, row_id(host.id, 0));
  last.bind(2, row_id(host.id, kGreatestLow));
  const bool has_rows = last.executeStep();
  const std::int64_t next = has_rows ? low_of_row(last.getColumn(0).getInt64()) + 1 : 0;
  const std::int64_t newest = has_rows ? last.getColumn(1).getInt64() : INT64_MIN;
  last.tryReset();
  if (!is_filed) {
    remake_filed(host);
    return;
  }
  if (host.next_tail < next || host.next_tail > kGreatestLow) {
    contradicts(host, "the next row of its tail is noted as number " + std::to_string(host.next_tail));
    host.next_tail = next;
  }
  const bool is_possible = (host.uncompacted > 0) == has_rows && host.uncompacted >= 0 &&
                           host.uncompacted < kMostUncompacted && newest <= host.newest_filed;
  if (is_possible) return;
  tail_of(host);
  compare_with_tail(host);
  for (const TailRow& row : host.tail) {
    // Else what comes would be taken for new that is there already.
    if (row.last <= host.newest_filed) continue;
    host.newest = host.newest_filed =
        std::max(host.newest_filed, writer_.filed_readings().reckon(host.id, row).last);
  }
}

/// Whether what is noted is what the rows of the tail say. Called when they have been read.
void Bookkeeping::compare_with_tail(Host& host) {
  const std::int64_t readings = readings_of(host.tail);
  if (readings != host.uncompacted) {
    contradicts(host, std::to_string(host.uncompacted) + " readings are noted to be in its tail, and " +
                          std::to_string(readings) + " are");
  }
  if (newest_of(host.tail) > host.newest_filed) {
    contradicts(host, "its newest reading is noted as one of another time");
  }
}

bool Bookkeeping::compare_some(std::int64_t now) {
  for (std::size_t i = 0; i < kComparedAtOnce && !uncompared_.empty(); ++i) {
    Host* const found = hosts_.find(uncompared_.back());
    uncompared_.pop_back();
    if (found != nullptr && !found->is_compared) compare_newest(*found, now);
  }
  return uncompared_.empty();
}

/// One that is noted as older than it is would let readings be stored twice; one ahead of all clocks would
/// have the host up for ever. What lies between may have been deleted for its age.
void Bookkeeping::compare_newest(Host& host, std::int64_t now) {
  host.is_compared = true;
  if (host.newest_filed == INT64_MIN) return;
  const std::int64_t in_chunks = writer_.filed_readings().newest_in_chunks(host.id);
  if (in_chunks == INT64_MAX) return;
  const bool is_ahead = host.newest_filed > in_chunks && host.newest_filed > now + kAheadOfClock;
  const std::int64_t stored =
      is_ahead ? std::max(in_chunks, newest_of(tail_of(host))) : std::max(in_chunks, host.newest_filed);
  if (stored == host.newest_filed) return;
  contradicts(host, "its newest reading is noted as one of another time");
  const util::ExclusiveLock lock(hosts_.mutex());
  host.newest_filed = stored;
  const std::int64_t pending = host.pending.empty() ? INT64_MIN : host.pending.rbegin()->first;
  host.newest = std::max(stored, pending);
  if (is_ahead) host.last_seen = host.last_heard = host.newest == INT64_MIN ? host.first_seen : host.newest;
}

/// Of a host of which nothing is noted: whether it has something.
void Bookkeeping::remake_filed(Host& host) {
  host.tail_known = false;
  for (const TailRow& row : tail_of(host)) {
    host.newest_filed = std::max(host.newest_filed, row.last);
    host.next_tail = row.number + 1;
  }
  SQLite::Statement& last =
      writer_.statement("SELECT id, period FROM raw_chunk WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
  last.bind(1, row_id(host.id, 0));
  last.bind(2, row_id(host.id, kGreatestLow));
  if (last.executeStep()) {
    const std::int64_t start = low_of_row(last.getColumn(0).getInt64());
    const std::int64_t period = likely_period(Level::raw, start, last.getColumn(1).getInt64());
    last.tryReset();
    const auto rows = writer_.compactor().tables().filled({Level::raw, host.id, start, period, true, false});
    host.newest_filed = std::max(host.newest_filed, rows.end - 1);
  }
  last.tryReset();
  host.newest = host.newest_filed;
  if (host.newest == INT64_MIN) return;
  contradicts(host, "nothing is noted of what is stored of it");
  load_latest(host, {});
}

/// It is set anew with the next piece of maintenance.
void Bookkeeping::contradicts(const Host& host, const std::string& what) {
  std::string& text = contradictions_[host.name];
  if (text.find(what) == std::string::npos) text += (text.empty() ? "" : "; ") + what;
}

bool Bookkeeping::mend() {
  if (contradictions_.empty()) return false;
  const auto contradictions = contradictions_;
  std::vector<std::pair<Host*, std::vector<TailRow>>> mended;
  writer_.in_transaction(Writer::Sync::later, [&] {
    for (const auto& [name, what] : contradictions) {
      Host* const found = hosts_.find(name);
      if (found == nullptr) continue;
      std::vector<TailRow> tail = mend_tail(*found);
      write(*found, tail);
      mended.emplace_back(found, std::move(tail));
    }
  });
  for (const auto& [name, what] : contradictions) {
    spdlog::warn(
        "what the database notes of host '{}' contradicts its rows: {}. It is set anew from the rows; no "
        "reading is lost by that",
        name, what);
  }
  writer_.after_commit([&] {
    contradictions_.clear();
    const util::ExclusiveLock lock(hosts_.mutex());
    for (auto& [host, tail] : mended) {
      host->uncompacted = readings_of(tail);
      host->newest_filed = std::max(host->newest_filed, newest_of(tail));
      host->newest = std::max(host->newest, host->newest_filed);
      host->tail = std::move(tail);
      queue_.want(*host);
    }
  });
  return true;
}

/// The rows of the host's tail, as their readings are.
std::vector<TailRow> Bookkeeping::mend_tail(Host& host) {
  std::vector<TailRow> tail = tail_of(host);
  for (TailRow& row : tail) {
    const TailRow found = writer_.filed_readings().reckon(host.id, row);
    if (found.first == row.first && found.last == row.last && found.readings == row.readings) continue;
    row = found;
    SQLite::Statement& update =
        writer_.statement("UPDATE tail SET first = ?, last = ?, readings = ? WHERE id = ?");
    update.bind(1, row.first);
    update.bind(2, row.last);
    update.bind(3, row.readings);
    update.bind(4, row_id(host.id, row.number));
    update.exec();
  }
  return tail;
}

void Bookkeeping::write(const Host& host, const std::vector<TailRow>& tail) {
  const std::int64_t newest = std::max(host.newest_filed, newest_of(tail));
  if (newest == INT64_MIN) return;  // it has nothing
  const std::string series = host.series.pack();
  const std::string latest = host.latest ? *host.latest : std::string();
  SQLite::Statement& replace = writer_.statement(
      "INSERT OR REPLACE INTO filed (host, newest, interval, next_tail, uncompacted, series, latest) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  replace.bind(1, host.id);
  replace.bind(2, newest);
  replace.bind(3, host.observed_interval);
  replace.bind(4, host.next_tail);
  replace.bind(5, readings_of(tail));
  replace.bind(6, series.data(), static_cast<int>(series.size()));
  replace.bind(7, latest.data(), static_cast<int>(latest.size()));
  replace.exec();
}

}  // namespace hostwatch::storage::sqlite
