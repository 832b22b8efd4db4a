#include "server/storage/sqlite/sqlite_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "server/storage/packed/journal_block.h"
#include "server/storage/packed/refused_series.h"
#include "server/storage/sqlite/schema.h"
#include "server/storage/sqlite/sqlite_errors.h"

namespace hostwatch::storage::sqlite {

std::int64_t steady_clock_seconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

namespace {

/// Names and lists of series go only when no history has them any more: where the file is bounded they are,
/// too, so that there is always room for history.
constexpr std::uint64_t kNamesPart = 5;

DictionaryLimits limits_of(const SqliteOptions& options) {
  DictionaryLimits limits = options.names;
  if (options.max_database_bytes != 0) {
    limits.bytes = std::min<std::size_t>(limits.bytes, options.max_database_bytes / kNamesPart);
  }
  return limits;
}

}  // namespace

SqliteStore::SqliteStore(SqliteOptions options)
    : options_(std::move(options)),
      lock_(options_.path),
      codec_(limits_of(options_)),
      readers_(options_.path),
      places_(options_.max_hosts) {
  open();
  load();
}

SqliteStore::~SqliteStore() = default;

std::vector<AppendResult> SqliteStore::append(std::span<const std::span<const protocol::Reading>> requests,
                                              std::int64_t now) {
  recover_if_broken();
  look_for_file_now_and_then(now);
  while (pending_bytes_ >= options_.max_pending_bytes && maintain(now)) {
  }
  count_young_hosts(now);
  const NamesBefore before{codec_.series.last(), codec_.layouts.last(), codec_.brought_by_new_hosts};
  std::vector<AppendResult> results(requests.size());
  std::vector<Host*> touched;
  try {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      for (const protocol::Reading& reading : requests[i]) stage(reading, results[i], touched, now);
    }
    writer_->reset_statements();  // of the look-ups
    if (touched.empty()) {
      // Duplicates alone: what they made the dictionaries learn is in no transaction, so it must not be
      // known.
      shrink_dictionaries(before);
    } else {
      commit_staged(touched, before);
    }
  } catch (const SQLite::Exception& error) {  // a look-up outside the transaction
    broken_ = is_beyond_trust(error);
    unstage(touched, before);
    throw StoreError(explain(error));
  } catch (...) {
    unstage(touched, before);
    throw;
  }
  after_commit([&] { publish(touched, now); });
  return results;
}

void SqliteStore::stage(const protocol::Reading& reading, AppendResult& result, std::vector<Host*>& touched,
                        std::int64_t now) {
  Host* host = host_for(reading, now);
  if (!host->is_compared) compare_newest(*host, now);
  if (reading.timestamp < host->kept_from.reading) {
    ++result.lost;
    return;
  }
  const bool first_touch = host->staged.empty() && host->staged_facts == nullptr;
  const std::int64_t newest =
      host->staged.empty() ? host->newest : std::max(host->newest, host->staged.rbegin()->first);

  std::string packed = encode(reading, *host, now);
  if (reading.timestamp <= newest) {
    const Stored stored = find_stored(*host, reading.timestamp, packed);
    if (stored != Stored::no) {
      ++result.duplicates;
      if (stored == Stored::different) {
        ++result.conflicts;
        const bool is_noted = !result.conflicting.empty() && result.conflicting.back() == host->name;
        if (!is_noted) result.conflicting.push_back(host->name);
      }
      return;
    }
  }
  // First: what is staged and not among the touched would never be committed.
  if (first_touch) touched.push_back(host);
  host->staged.emplace_hint(host->staged.end(), reading.timestamp,
                            std::make_shared<const std::string>(std::move(packed)));
  // Facts of a backlog are older than those that are known.
  if (reading.facts && reading.timestamp >= host->facts_time) {
    host->facts_time = reading.timestamp;
    if (*reading.facts != host->facts || host->staged_facts != nullptr) host->staged_facts = &*reading.facts;
  }
  ++result.accepted;
}

SqliteStore::Host* SqliteStore::host_for(const protocol::Reading& reading, std::int64_t now) {
  const auto found = hosts_.find(std::string_view(reading.hostname));  // only this thread changes the map
  if (found != hosts_.end()) return found->second.get();
  auto host = std::make_unique<Host>();
  host->id = next_host_id_++;
  host->name = reading.hostname;
  host->first_seen = reading.timestamp;
  if (!options_.trusts_readings) host->known_since = now;
  host->last_heard = now;
  host->is_new = true;
  Host* added = host.get();
  {
    const std::unique_lock lock(mutex_);
    if (host->is_young(now)) ++young_hosts_;
    hosts_.emplace(reading.hostname, std::move(host));
  }
  places_.give_back(reading.hostname);
  return added;
}

std::string SqliteStore::encode(const protocol::Reading& reading, Host& host, std::int64_t now) {
  EncodingHost encoding{host.series, host.id, now};
  encoding.is_new = host.is_young(now);
  if (options_.trusts_readings) {
    encoding.now = reading.timestamp;
    encoding.most_brought_an_hour = SIZE_MAX;
    encoding.is_new = false;
  }
  RefusedSeries refused;
  std::string packed =
      codec_.encode(reading, encoding, [&](const protocol::Sample& sample, SeriesRefusal why) {
        ++refused_series_;
        if (!host.told_of_refusals) refused.add(sample, why);
      });
  if (!refused.empty()) {
    host.told_of_refusals = true;
    spdlog::warn("{}", refused.text(host.name, host.series.size()));
  }
  return packed;
}

Stored SqliteStore::find_stored(Host& host, std::int64_t timestamp, const std::string& packed) {
  for (const PackedByTime* place : {&host.staged, &host.pending}) {
    const auto found = place->find(timestamp);
    if (found != place->end())
      return codec_.is_same(*found->second, packed) ? Stored::same : Stored::different;
  }
  if (timestamp > host.newest_filed) return Stored::no;
  return filed_readings_->find(host.id, tail_of(host), timestamp, packed);
}

const std::vector<TailRow>& SqliteStore::tail_of(Host& host) {
  if (host.tail_known) return host.tail;
  host.tail.clear();
  SQLite::Statement& rows = statement(
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

void SqliteStore::commit_staged(const std::vector<Host*>& touched, NamesBefore before) {
  JournalBlockWriter block;
  for (const Host* host : touched) {
    for (const auto& [timestamp, packed] : host->staged) block.add(host->id, timestamp, *packed);
  }
  in_transaction(Sync::at_once, [&] {
    insert_new_names(before);
    upsert_hosts(touched);
    SQLite::Statement& insert = statement("INSERT INTO journal (sequence, readings) VALUES (?, ?)");
    insert.bind(1, next_sequence_);
    insert.bindNoCopy(2, block.bytes().data(), static_cast<int>(block.bytes().size()));
    insert.exec();
  });
  ++next_sequence_;
}

void SqliteStore::insert_new_names(NamesBefore before) {
  for (std::uint32_t number = before.series + 1; number <= codec_.series.last(); ++number) {
    const SeriesEntry& entry = *codec_.series.entry(number);
    SQLite::Statement& insert =
        statement("INSERT INTO series (id, metric, instance, decimals, host) VALUES (?, ?, ?, ?, ?)");
    insert.bind(1, number);
    insert.bind(2, entry.name.metric);
    insert.bind(3, entry.name.instance);
    insert.bind(4, entry.decimals);
    insert.bind(5, entry.host);
    insert.exec();
  }
  for (std::uint32_t number = before.layout + 1; number <= codec_.layouts.last(); ++number) {
    const std::string& packed = codec_.layouts.entry(number)->packed;
    SQLite::Statement& insert = statement("INSERT INTO layout (id, series) VALUES (?, ?)");
    insert.bind(1, number);
    insert.bind(2, packed.data(), static_cast<int>(packed.size()));
    insert.exec();
  }
}

void SqliteStore::upsert_hosts(const std::vector<Host*>& touched) {
  for (const Host* host : touched) {
    if (!host->is_new && host->staged_facts == nullptr) continue;
    const protocol::HostFacts& facts = host->staged_facts != nullptr ? *host->staged_facts : host->facts;
    SQLite::Statement& upsert = statement(
        "INSERT INTO host (id, name, first_seen, last_seen, facts, known_since) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET facts = excluded.facts");
    upsert.bind(1, host->id);
    upsert.bind(2, host->name);
    upsert.bind(3, std::min(host->first_seen, host->staged.begin()->first));
    upsert.bind(4, host->staged.rbegin()->first);
    upsert.bind(5, protocol::facts_json(facts));
    upsert.bind(6, host->known_since);
    upsert.exec();
  }
}

void SqliteStore::publish(const std::vector<Host*>& touched, std::int64_t now) {
  const std::unique_lock lock(mutex_);
  for (Host* host : touched) {
    const auto& [newest, packed] = *host->staged.rbegin();
    const auto late_end = host->staged.lower_bound(host->newest);
    host->backfilled += static_cast<std::uint64_t>(std::distance(host->staged.begin(), late_end));
    if (newest > host->newest) {
      auto before = std::next(host->staged.rbegin());
      const std::int64_t previous =
          before != host->staged.rend() ? std::max(before->first, host->newest) : host->newest;
      if (previous != INT64_MIN) host->observed_interval = newest - previous;
      host->newest = newest;
      host->latest = packed;
    }
    host->first_seen = std::min(host->first_seen, host->staged.begin()->first);
    host->last_seen = std::max(host->last_seen, host->newest);
    host->last_heard = now;
    if (host->staged_facts != nullptr) host->facts = *host->staged_facts;
    host->staged_facts = nullptr;
    host->is_new = false;
    count_pending(host->staged);
    host->pending.merge(host->staged);
    host->staged.clear();
  }
}

/// A node of the map, the text that it shares, and the text's bytes; each with the allocator's part.
std::size_t SqliteStore::memory_of(const std::string& packed) {
  constexpr std::size_t kNode = 144;
  constexpr std::size_t kBlockOverhead = 16;
  return kNode + packed.capacity() + kBlockOverhead;
}

void SqliteStore::count_pending(const PackedByTime& readings) {
  pending_count_ += readings.size();
  for (const auto& [timestamp, packed] : readings) pending_bytes_ += memory_of(*packed);
}

void SqliteStore::uncount_pending(PackedByTime::const_iterator begin, PackedByTime::const_iterator end) {
  for (; begin != end; ++begin) {
    --pending_count_;
    pending_bytes_ -= memory_of(*begin->second);
  }
}

void SqliteStore::unstage(const std::vector<Host*>& touched, NamesBefore before) {
  codec_.shrink_to(before.series, before.layout);
  codec_.brought_by_new_hosts = before.by_new_hosts;
  // Also where no series came of it: a host may have taken in one that found no memory.
  for (const auto& [name, host] : hosts_) host->series.shrink_to(before.series);
  const std::unique_lock lock(mutex_);
  for (Host* host : touched) {
    host->staged.clear();
    host->staged_facts = nullptr;
  }
  std::erase_if(hosts_, [](const auto& entry) { return entry.second->is_new; });
  last_counted_young_ = INT64_MIN / 2;
}

void SqliteStore::shrink_dictionaries(NamesBefore before) {
  const bool have_grown = codec_.series.last() > before.series || codec_.layouts.last() > before.layout;
  codec_.shrink_to(before.series, before.layout);
  codec_.brought_by_new_hosts = before.by_new_hosts;
  if (!have_grown) return;
  for (const auto& [name, host] : hosts_) host->series.shrink_to(before.series);
}

void SqliteStore::probe() {
  recover_if_broken();
  look_for_file();
  in_transaction(Sync::at_once, [&] {
    // Writes a page, so that a full or read-only disk shows; leaves nothing behind.
    SQLite::Statement& insert = statement("INSERT INTO forgotten_host (id) VALUES (-1)");
    insert.exec();
    statement("DELETE FROM forgotten_host WHERE id = -1").exec();
  });
}

}  // namespace hostwatch::storage::sqlite
