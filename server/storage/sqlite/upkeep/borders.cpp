#include "server/storage/sqlite/upkeep/borders.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace hostwatch::storage::sqlite {

std::int64_t Borders::earliest_kept(std::int64_t now) const {
  return std::max<std::int64_t>(now - retention_.readings, earliest_reading_);
}

std::int64_t Borders::earliest_history(std::int64_t now) const {
  return std::max<std::int64_t>(now - retention_.hours, earliest_hour_);
}

KeptFrom Borders::due_before(const Host& host) const {
  const KeptFrom& given = host.kept_from;
  const std::int64_t now = clock_.now();
  return {std::max(earliest_kept(now), given.reading),
          std::max({now - retention_.minutes, std::int64_t{earliest_minute_}, given.minute}),
          std::max(earliest_history(now), given.hour)};
}

void Borders::write(const Host& host, const KeptFrom& from) {
  SQLite::Statement& replace =
      writer_.statement("INSERT OR REPLACE INTO kept_from (host, reading, minute, hour) VALUES (?, ?, ?, ?)");
  replace.bind(1, host.id);
  replace.bind(2, from.reading);
  replace.bind(3, from.minute);
  replace.bind(4, from.hour);
  replace.exec();
}

void Borders::load() {
  hosts_.mutex().assert_held();
  const auto by_id = hosts_.by_id();
  SQLite::Statement rows(writer_.database(), "SELECT host, reading, minute, hour FROM kept_from");
  while (rows.executeStep()) {
    const auto found = by_id.find(rows.getColumn(0).getInt64());
    if (found == by_id.end()) continue;
    hosts_.set_kept_from(*found->second, {rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64(),
                                          rows.getColumn(3).getInt64()});
  }
}

void Borders::set_earliest(std::int64_t reading, std::int64_t minute, std::int64_t hour) {
  earliest_reading_ = reading;
  earliest_minute_ = minute;
  earliest_hour_ = hour;
  look_at_ = INT64_MIN;
}

void Borders::mend_when_due(bool has_gone_back) {
  if (has_gone_back) look_at_ = clock_.steady() + SettledClock::kProofSeconds;
  if (!look_at_ || clock_.steady() < *look_at_) return;
  mend();
  look_at_.reset();
}

/// Not of hosts that are younger than the time is now: then it is the clock that is behind.
void Borders::mend() {
  std::vector<std::pair<Host*, KeptFrom>> mended;
  for (const auto& [name, host] : hosts_.all()) {
    if (std::max(host->first_seen, host->known_since) > clock_.now()) continue;
    const KeptFrom& from = host->kept_from;
    if (std::max({from.reading, from.minute, from.hour}) <= clock_.now()) continue;
    mended.emplace_back(host.get(),
                        KeptFrom{std::min(from.reading, clock_.now()), std::min(from.minute, clock_.now()),
                                 std::min(from.hour, clock_.now())});
  }
  if (mended.empty()) return;
  writer_.in_transaction(Writer::Sync::later, [&] {
    for (const auto& [host, from] : mended) write(*host, from);
  });
  spdlog::warn(
      "history of {} hosts had been deleted up to a time that is still to come, since the clock had been "
      "ahead: their readings are taken from now on",
      mended.size());
  const util::ExclusiveLock lock(hosts_.mutex());
  for (const auto& [host, from] : mended) host->kept_from = from;
  hosts_.find_latest_kept_from();
}

}  // namespace hostwatch::storage::sqlite
