#include "server/storage/sqlite/appender.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "server/storage/packed/journal_block.h"
#include "server/storage/packed/refused_series.h"
#include "server/storage/sqlite/database/sqlite_errors.h"

namespace hostwatch::storage::sqlite {

std::vector<AppendResult> Appender::append(
    std::span<const std::span<const protocol::ReceivedReading>> requests, std::int64_t now) {
  const NamesBefore before{codec_.series.last(), codec_.layouts.last(), codec_.brought_by_new_hosts};
  std::vector<AppendResult> results(requests.size());
  std::vector<Host*> touched;
  watched_.begin();
  try {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      for (const protocol::ReceivedReading& reading : requests[i]) stage(reading, results[i], touched, now);
    }
    writer_.connection().reset_statements();  // of the look-ups
    if (touched.empty()) {
      // Duplicates alone: what they made the dictionaries learn is in no transaction, so it must not be
      // known.
      shrink_dictionaries(before);
    } else {
      commit_staged(touched, before, watched_.show(touched, now));
    }
  } catch (const SQLite::Exception& error) {  // a look-up outside the transaction
    writer_.note_error(error);
    watched_.rolled_back();
    roll_back_staged(touched, before);
    throw StoreError(explain(error));
  } catch (...) {
    watched_.rolled_back();
    roll_back_staged(touched, before);
    throw;
  }
  show_to_readers(touched, now);
  return results;
}

void Appender::show_to_readers(const std::vector<Host*>& touched, std::int64_t now) {
  try {
    writer_.after_commit([&] { publish(touched, now); });
  } catch (...) {
    watched_.rolled_back();  // everything is read anew, and so should it do
    throw;
  }
  watched_.committed();
}

void Appender::stage(const protocol::ReceivedReading& reading, AppendResult& result,
                     std::vector<Host*>& touched, std::int64_t now) {
  Host* host = host_for(reading, now);
  if (!host->is_compared) bookkeeping_.compare_newest(*host, now);
  if (reading.timestamp < host->kept_from.reading) {
    ++result.lost;
    return;
  }
  const bool first_touch = host->staged.empty() && host->staged_facts == nullptr;
  const std::int64_t newest =
      host->staged.empty() ? host->newest : std::max(host->newest, host->staged.rbegin()->first);

  std::string packed = encode(reading, *host, now, result);
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
  if (first_touch) {
    touched.push_back(host);
    host->touched_place = touched.size() - 1;
  }
  const auto staged = host->staged.emplace_hint(host->staged.end(), reading.timestamp,
                                                std::make_shared<const std::string>(std::move(packed)));
  // Facts of a backlog are older than those that are known.
  if (reading.facts && reading.timestamp >= host->facts_time) {
    host->facts_time = reading.timestamp;
    if (*reading.facts != host->facts || host->staged_facts != nullptr) host->staged_facts = &*reading.facts;
  }
  watched_.note(host->touched_place, reading, std::next(staged) == host->staged.end());
  ++result.accepted;
}

Host* Appender::host_for(const protocol::ReceivedReading& reading, std::int64_t now) {
  if (Host* const found = hosts_.find(reading.hostname)) return found;
  auto host = std::make_unique<Host>();
  host->id = hosts_.next_id();
  hosts_.set_next_id(host->id + 1);
  host->name = reading.hostname;
  host->first_seen = reading.timestamp;
  if (!trusts_readings_) host->known_since = now;
  host->last_heard = now;
  host->is_new = true;
  return &hosts_.add(std::move(host), now);
}

std::string Appender::encode(const protocol::ReceivedReading& reading, Host& host, std::int64_t now,
                             AppendResult& result) {
  EncodingHost encoding{host.series, host.id, now};
  encoding.is_new = host.is_young(now);
  if (trusts_readings_) {
    encoding.now = reading.timestamp;
    encoding.most_brought_an_hour = SIZE_MAX;
    encoding.is_new = false;
  }
  RefusedSeries refused;
  std::string packed =
      codec_.encode(reading, encoding, [&](const protocol::Layout::Series& series, SeriesRefusal why) {
        ++refused_series_;
        note_refused(series, result);
        if (!host.told_of_refusals) refused.add(series, why);
      });
  if (!refused.empty()) {
    host.told_of_refusals = true;
    spdlog::warn("{}", refused.text(host.name, host.series.size()));
  }
  return packed;
}

Stored Appender::find_stored(Host& host, std::int64_t timestamp, const std::string& packed) {
  for (const PackedByTime* place : {&host.staged, &host.pending}) {
    const auto found = place->find(timestamp);
    if (found != place->end()) {
      return codec_.is_same(*found->second, packed) ? Stored::same : Stored::different;
    }
  }
  if (timestamp > host.newest_filed) return Stored::no;
  return writer_.filed_readings().find(host.id, bookkeeping_.tail_of(host), timestamp, packed);
}

void Appender::commit_staged(const std::vector<Host*>& touched, NamesBefore before,
                             const AlertChanges* alerts) {
  JournalBlockWriter block;
  for (const Host* host : touched) {
    for (const auto& [timestamp, packed] : host->staged) block.add(host->id, timestamp, *packed);
  }
  writer_.in_transaction(Writer::Sync::at_once, [&] {
    insert_new_names(before);
    upsert_hosts(touched);
    journal_.insert(block.bytes());
    if (alerts != nullptr) alert_tables_.write(*alerts);
  });
  journal_.advance();
}

void Appender::insert_new_names(NamesBefore before) {
  for (std::uint32_t number = before.series + 1; number <= codec_.series.last(); ++number) {
    const SeriesEntry& entry = *codec_.series.entry(number);
    SQLite::Statement& insert =
        writer_.statement("INSERT INTO series (id, metric, instance, decimals, host) VALUES (?, ?, ?, ?, ?)");
    insert.bind(1, number);
    insert.bind(2, entry.name.metric);
    insert.bind(3, entry.name.instance);
    insert.bind(4, entry.decimals);
    insert.bind(5, entry.host);
    insert.exec();
  }
  for (std::uint32_t number = before.layout + 1; number <= codec_.layouts.last(); ++number) {
    const std::string& packed = codec_.layouts.entry(number)->packed;
    SQLite::Statement& insert = writer_.statement("INSERT INTO layout (id, series) VALUES (?, ?)");
    insert.bind(1, number);
    insert.bind(2, packed.data(), static_cast<int>(packed.size()));
    insert.exec();
  }
}

void Appender::upsert_hosts(const std::vector<Host*>& touched) {
  for (const Host* host : touched) {
    if (!host->is_new && host->staged_facts == nullptr) continue;
    const protocol::HostFacts& facts = host->staged_facts != nullptr ? *host->staged_facts : host->facts;
    SQLite::Statement& upsert = writer_.statement(
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

void Appender::publish(const std::vector<Host*>& touched, std::int64_t now) {
  const util::ExclusiveLock lock(hosts_.mutex());
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
    hosts_.count_pending(host->staged);
    host->pending.merge(host->staged);
    host->staged.clear();
  }
}

void Appender::roll_back_staged(const std::vector<Host*>& touched, NamesBefore before) {
  codec_.shrink_to(before.series, before.layout);
  codec_.brought_by_new_hosts = before.by_new_hosts;
  // Also where no series came of it: a host may have taken in one that found no memory.
  for (const auto& [name, host] : hosts_.all()) host->series.shrink_to(before.series);
  const util::ExclusiveLock lock(hosts_.mutex());
  for (Host* host : touched) {
    host->staged.clear();
    host->staged_facts = nullptr;
  }
  std::erase_if(hosts_.change(), [](const auto& entry) { return entry.second->is_new; });
  hosts_.count_young_again();
}

void Appender::shrink_dictionaries(NamesBefore before) {
  const bool have_grown = codec_.series.last() > before.series || codec_.layouts.last() > before.layout;
  codec_.shrink_to(before.series, before.layout);
  codec_.brought_by_new_hosts = before.by_new_hosts;
  if (!have_grown) return;
  for (const auto& [name, host] : hosts_.all()) host->series.shrink_to(before.series);
}

}  // namespace hostwatch::storage::sqlite
