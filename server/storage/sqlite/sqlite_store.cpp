#include "server/storage/sqlite/sqlite_store.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "server/storage/sqlite/alerts/sqlite_alert_store.h"
#include "server/storage/sqlite/store_parts.h"

namespace hostwatch::storage::sqlite {

std::int64_t steady_clock_seconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

SqliteStore::SqliteStore(SqliteOptions options)
    : parts_(std::make_unique<StoreParts>(std::move(options))),
      alerts_(std::make_unique<SqliteAlertStore>(*parts_)) {}

SqliteStore::~SqliteStore() = default;

std::vector<AppendResult> SqliteStore::append(
    std::span<const std::span<const protocol::ReceivedReading>> requests, std::int64_t now) {
  parts_->recover_if_broken();
  parts_->writer.look_for_file_now_and_then(now);
  while (parts_->hosts.pending_bytes() >= parts_->options.max_pending_bytes && maintain(now)) {
  }
  parts_->hosts.count_young(now);
  return parts_->appender.append(requests, now);
}

bool SqliteStore::delete_host(std::string_view hostname) {
  parts_->recover_if_broken();
  parts_->writer.look_for_file();
  return parts_->deletion.forget(hostname);
}

bool SqliteStore::delete_history(std::string_view hostname, std::int64_t now) {
  parts_->recover_if_broken();
  parts_->writer.look_for_file();
  return parts_->deletion.clean(hostname, now);
}

bool SqliteStore::maintain(std::int64_t now) {
  StoreParts& parts = *parts_;
  parts.recover_if_broken();
  parts.borders.mend_when_due(parts.clock.settle(now));
  parts.writer.look_for_file_now_and_then(now);
  parts.hosts.count_young(now);
  parts.journal.mend();
  const bool are_compared = parts.bookkeeping.compare_some(now);
  parts.bookkeeping.mend();
  if (!are_compared) return true;
  if (parts.writer.checkpoint()) return true;
  // In turns, so that neither waits for the other while readings come without a pause.
  compaction_first_ = !compaction_first_;
  if (compaction_first_ && parts.compaction.run()) return true;
  if (parts.filing.run(now)) return true;
  if (parts.compaction.run()) return true;
  if (parts.deletion.run()) return true;
  if (parts.retention.run(now)) return true;
  const SizeLimit::Next next = parts.size_limit.enforce(parts.retention.has_deleted());
  if (next == SizeLimit::Next::pass) parts.retention.make_due();
  if (next != SizeLimit::Next::nothing) return true;
  if (parts.compaction.run_when_idle()) return true;
  if (parts.roll_ups.run()) return true;
  if (parts.names.run(now)) return true;
  return parts.file_size.vacuum_some();
}

void SqliteStore::probe() {
  parts_->recover_if_broken();
  parts_->writer.look_for_file();
  parts_->writer.in_transaction(Writer::Sync::at_once, [&] {
    // Writes a page, so that a full or read-only disk shows; leaves nothing behind.
    SQLite::Statement& insert = parts_->writer.statement("INSERT INTO forgotten_host (id) VALUES (-1)");
    insert.exec();
    parts_->writer.statement("DELETE FROM forgotten_host WHERE id = -1").exec();
  });
}

void SqliteStore::visit_hosts(const HostVisitor& visit) const {
  for (const std::string& name : host_names()) {
    const std::optional<HostState> state = parts_->hosts.state_of(name);
    if (state && !visit(*state)) return;
  }
}

void SqliteStore::visit_values(const ValuesVisitor& visit) const {
  HostValues values;
  for (std::string& name : host_names()) {
    values.name = std::move(name);
    if (parts_->hosts.find_values(values) && !visit(values)) return;
  }
}

std::vector<std::string> SqliteStore::host_names() const {
  return parts_->hosts.names();
}

std::vector<HostBrief> SqliteStore::hosts_with(std::span<const protocol::Tag> tags) const {
  return parts_->hosts.hosts_with(tags);
}

protocol::HostFacts SqliteStore::facts_of(std::string_view hostname) const {
  return parts_->hosts.facts_of(hostname);
}

std::int64_t SqliteStore::earliest_kept(std::int64_t now) const {
  return parts_->borders.earliest_kept(now);
}

std::int64_t SqliteStore::earliest_history(std::int64_t now) const {
  return parts_->borders.earliest_history(now);
}

std::uint64_t SqliteStore::count(std::string_view hostname, std::int64_t from, std::int64_t to,
                                 std::uint64_t limit) const {
  return parts_->history.count(hostname, from, to, limit);
}

void SqliteStore::read(const ReadRequest& request, const PartVisitor& visit) const {
  parts_->history.read(request, visit);
}

SeriesName SqliteStore::series_name(std::uint32_t series) const {
  return parts_->codec.series_name(series);
}

bool SqliteStore::admits(std::string_view hostname) const {
  return parts_->hosts.admits(hostname);
}

bool SqliteStore::admit(std::string_view hostname, HostComes how, std::int64_t now) {
  return parts_->hosts.admit(hostname, how, now);
}

bool SqliteStore::keeps(std::string_view hostname, std::int64_t timestamp) const {
  return parts_->hosts.keeps(hostname, timestamp);
}

bool SqliteStore::knows(std::string_view hostname) const {
  return parts_->hosts.knows(hostname);
}

std::size_t SqliteStore::max_hosts() const {
  return parts_->options.max_hosts;
}

StoreStatistics SqliteStore::statistics() const {
  StoreStatistics statistics;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(parts_->options.path + suffix, error);
    if (!error) statistics.database_bytes += size;
  }
  parts_->hosts.add_to(statistics);
  // After the hosts: a reading that is filed in between is in both rather than in neither.
  parts_->figures.add_to(statistics);
  statistics.limit_bytes = parts_->options.max_database_bytes;
  statistics.series = parts_->codec.series_count();
  statistics.series_limit = parts_->codec.limits().series;
  statistics.refused_series = parts_->appender.refused_series();
  statistics.damaged_chunks = parts_->damages.count();
  return statistics;
}

AlertStore& SqliteStore::alerts() {
  return *alerts_;
}

const AlertStore& SqliteStore::alerts() const {
  return *alerts_;
}

}  // namespace hostwatch::storage::sqlite
