#include "server/storage/sqlite/store_parts.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include "server/storage/sqlite/database/dictionaries.h"

namespace hostwatch::storage::sqlite {
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

StoreParts::StoreParts(SqliteOptions given)
    : options(std::move(given)),
      lock(options.path),
      codec(limits_of(options)),
      readers(options.path),
      hosts(codec, options.max_hosts),
      writer(options.path, codec, damages),
      clock(options.steady_seconds),
      backoff(hosts, clock),
      queue(hosts, backoff, options),
      bookkeeping(writer, codec, hosts, queue),
      borders(writer, hosts, clock, options.retention),
      compaction(writer, hosts, bookkeeping, queue, backoff, options),
      file_size(writer, figures, options.max_database_bytes != 0),
      size_limit(writer, codec, hosts, bookkeeping, borders, compaction, file_size, clock,
                 options.max_database_bytes),
      retention(writer, hosts, bookkeeping, borders, compaction, backoff, file_size, size_limit, figures),
      names(writer, codec, hosts),
      deletion(writer, hosts, bookkeeping, names),
      roll_ups(writer),
      alert_tables(writer),
      alert_access(readers),
      journal(writer, hosts, bookkeeping),
      appender(writer, codec, hosts, bookkeeping, journal, alert_tables, options.trusts_readings),
      filing(writer, hosts, journal, queue, compaction, figures, options),
      history(readers, hosts, codec, damages) {
  load();
}

bool StoreParts::recover_if_broken() {
  if (!writer.is_broken()) return false;
  writer.require_file();
  readers.close_idle();
  writer.reopen();
  load();
  writer.trust_again();
  appender.note_read_anew();
  spdlog::info("opened the database again after an error");
  return true;
}

/// If it throws, the hosts stay as they were, for those who read; the rest is of no use.
void StoreParts::load() {
  const util::ExclusiveLock alone(hosts.mutex());
  Hosts before = std::move(hosts.change());
  names.abandon();
  hosts.change().clear();
  bookkeeping.clear();
  queue.clear();
  try {
    read_dictionaries(writer.database(), codec);
    load_hosts();
    bookkeeping.load();
    borders.load();
    const std::int64_t filing_up_to = load_state();
    load_damaged();
    journal.replay(filing_up_to);
    filing.reset(filing_up_to);
  } catch (const std::exception& error) {
    hosts.change() = std::move(before);
    if (dynamic_cast<const SQLite::Exception*>(&error) == nullptr) throw;
    throw StoreError("cannot read the database '" + options.path + "': " + error.what());
  }
  // Known in memory alone.
  for (const auto& [name, host] : before) {
    Host* const found = hosts.find(name);
    if (found == nullptr) continue;
    found->last_heard = std::max(found->last_heard, host->last_heard);
    found->backfilled = host->backfilled;
  }
  deletion.reset();
  roll_ups.reset();
  hosts.count_young_again();
}

void StoreParts::load_hosts() {
  SQLite::Statement rows(writer.database(),
                         "SELECT id, name, first_seen, last_seen, facts, known_since FROM host");
  while (rows.executeStep()) {
    auto host = std::make_unique<Host>();
    host->id = rows.getColumn(0).getInt64();
    host->name = rows.getColumn(1).getString();
    host->first_seen = rows.getColumn(2).getInt64();
    host->last_heard = host->last_seen = rows.getColumn(3).getInt64();
    host->known_since = rows.getColumn(5).getInt64();
    auto facts = protocol::facts_from_json(rows.getColumn(4).getString());
    if (facts && *facts != protocol::HostFacts()) {
      host->facts = std::move(*facts);
      host->facts_time = host->last_seen;
    }
    const std::string name = host->name;
    hosts.change().emplace(name, std::move(host));
  }
  std::int64_t next = 1;
  SQLite::Statement last(writer.database(), "SELECT seq FROM sqlite_sequence WHERE name = 'host'");
  if (last.executeStep()) next = last.getColumn(0).getInt64() + 1;
  SQLite::Statement forgotten(writer.database(), "SELECT max(id) FROM forgotten_host");
  if (forgotten.executeStep()) next = std::max(next, forgotten.getColumn(0).getInt64() + 1);
  for (const auto& [name, host] : hosts.all()) next = std::max(next, host->id + 1);
  hosts.set_next_id(next);
}

/// Returns the last row of the journal that may have been filed in part.
std::int64_t StoreParts::load_state() {
  SQLite::Statement row(writer.database(),
                        "SELECT filings, earliest_reading, earliest_minute, earliest_hour, filing_up_to, "
                        "names_left FROM state");
  if (!row.executeStep()) throw StoreError("the database is damaged: its state is missing");
  hosts.set_filings(row.getColumn(0).getInt64());
  borders.set_earliest(row.getColumn(1).getInt64(), row.getColumn(2).getInt64(), row.getColumn(3).getInt64());
  names.reset(row.getColumn(5).getInt() != 0);
  return row.getColumn(4).getInt64();
}

/// What is kept apart is missing in the history, also after a start.
void StoreParts::load_damaged() {
  SQLite::Statement rows(writer.database(), "SELECT found_in, id FROM damaged_chunk");
  while (rows.executeStep()) {
    const std::string found_in = rows.getColumn(0).getString();
    const Level level = found_in == table_of(Level::minute) ? Level::minute
                        : found_in == table_of(Level::hour) ? Level::hour
                                                            : Level::raw;
    damages.note(level, rows.getColumn(1).getInt64());
  }
}

}  // namespace hostwatch::storage::sqlite
