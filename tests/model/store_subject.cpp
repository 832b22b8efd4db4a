#include "tests/model/store_subject.h"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "server/storage/sqlite/admin/operations.h"
#include "server/storage/sqlite/admin/reading_export.h"
#include "tests/model/export_text.h"
#include "tests/model/times.h"

namespace hostwatch::model {
namespace {

/// Stores have a clock that nobody sets since what is deleted goes by it.
template <typename StoreOptions>
void set_steady_clock(StoreOptions& options, std::function<std::int64_t()> seconds) {
  if constexpr (requires { options.steady_seconds; }) options.steady_seconds = std::move(seconds);
}

/// Far more than the made-up histories have: nothing is refused for its size.
query::HistoryLimits wide_limits() {
  query::HistoryLimits limits;
  limits.max_rows = limits.max_values = limits.max_gathered = std::size_t{1} << 40U;
  limits.max_time = std::chrono::hours(1);
  return limits;
}

}  // namespace

StoreSubject::StoreSubject(std::string folder, std::int64_t now, const Options& options,
                           storage::sqlite::SqliteOptions tuning)
    : folder_(std::move(folder)), now_(now), options_(std::move(tuning)) {
  options_.path = folder_ + "/metrics.db";
  set_steady_clock(options_, [this] { return steady_; });
  open(options);
}

void StoreSubject::open(const Options& options) {
  options_.retention = options.retention;
  options_.max_database_bytes = options.max_database_bytes;
  store_ = std::make_unique<storage::sqlite::SqliteStore>(options_);
  store_->maintain(now_);  // as the server does at once, and the clock that it sees then is believed
}

Sent StoreSubject::send(const std::vector<protocol::Reading>& readings) {
  Sent sent;
  std::vector<protocol::ReceivedReading> taken;
  const std::int64_t earliest = store_->earliest_kept(now_);
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const protocol::Reading& reading = readings[i];
    const bool is_kept = reading.timestamp >= earliest && reading.timestamp <= now_ + kAhead &&
                         store_->keeps(reading.hostname, reading.timestamp);
    if (is_kept) {
      taken.push_back(protocol::received(reading));
    } else {
      sent.refused.push_back(i);
    }
  }
  if (taken.empty()) return sent;
  const std::span<const protocol::ReceivedReading> request(taken);
  const storage::AppendResult result = store_->append(std::span(&request, 1), now_).front();
  sent.accepted = result.accepted;
  sent.duplicates = result.duplicates;
  sent.conflicts = result.conflicts;
  return sent;
}

void StoreSubject::maintain(int pieces) {
  for (int i = 0; (pieces == 0 || i < pieces) && store_->maintain(now_); ++i) {
  }
}

void StoreSubject::restart(const Options& options, bool killed) {
  const std::string before = options_.path;
  if (killed) {
    options_.path = folder_ + "/metrics-" + std::to_string(++generation_) + ".db";
    for (const char* part : {"", "-wal"}) {
      if (std::filesystem::exists(before + part))
        std::filesystem::copy_file(before + part, options_.path + part);
    }
  }
  store_.reset();
  if (killed) {
    for (const char* part : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(before + part);
  }
  open(options);
}

query::History StoreSubject::history(const query::HistoryRequest& request, const std::string&) {
  return query::read_history(*store_, request, wide_limits());
}

query::Fleet StoreSubject::fleet(const query::FleetRequest& request) {
  return query::read_fleet(*store_, request, wide_limits());
}

std::map<std::string, Listed> StoreSubject::hosts() {
  std::map<std::string, Listed> hosts;
  for (const storage::HostState& host : store_->hosts()) hosts[host.name] = {host.interval, host.last_seen};
  return hosts;
}

std::vector<std::string> StoreSubject::check() {
  storage::CheckReport report = storage::sqlite::check_database(options_.path);
  std::vector<std::string> problems = std::move(report.problems);
  problems.insert(problems.end(), report.wrong_roll_ups.begin(), report.wrong_roll_ups.end());
  problems.insert(problems.end(), report.bookkeeping.begin(), report.bookkeeping.end());
  return problems;
}

std::map<std::string, Model::History> StoreSubject::exported() {
  std::stringstream text;
  storage::sqlite::export_readings(options_.path, {}, [&](std::string_view piece) { text << piece; });
  return parse_export(text);
}

}  // namespace hostwatch::model
