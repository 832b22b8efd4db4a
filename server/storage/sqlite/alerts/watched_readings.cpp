#include "server/storage/sqlite/alerts/watched_readings.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace hostwatch::storage::sqlite {
namespace {

bool is_earlier(const protocol::ReceivedReading* a, const protocol::ReceivedReading* b) {
  return a->timestamp < b->timestamp;
}

NewReadings new_readings_of(const Host& host, std::span<const protocol::ReceivedReading* const> readings) {
  NewReadings result;
  result.host = host.id;
  result.name = host.name;
  result.is_new = host.is_new;
  result.newest = host.newest;
  result.facts = host.staged_facts != nullptr ? host.staged_facts : &host.facts;
  result.facts_changed = host.staged_facts != nullptr && *host.staged_facts != host.facts;
  // As Host::interval(), with the facts that come.
  const std::int64_t as_said = result.facts->interval_seconds;
  result.interval = as_said != 0 ? as_said : host.observed_interval;
  result.readings = readings;
  return result;
}

}  // namespace

/// Counting sort: readings of a request are often many hosts' in turns.
void WatchedReadings::order_by_host(std::size_t hosts) {
  ends_.assign(hosts, 0);
  for (const Noted& noted : noted_) ++ends_[noted.host];
  std::exclusive_scan(ends_.begin(), ends_.end(), ends_.begin(), std::size_t{0});
  readings_.resize(noted_.size());
  for (const Noted& noted : noted_) readings_[ends_[noted.host]++] = noted.reading;
}

const AlertChanges* WatchedReadings::show(const std::vector<Host*>& touched, std::int64_t now) {
  if (watcher_ == nullptr) return nullptr;
  order_by_host(touched.size());
  is_shown_ = true;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    const std::span readings(readings_.data() + begin, ends_[i] - begin);
    begin = ends_[i];
    if (!std::is_sorted(readings.begin(), readings.end(), is_earlier)) {
      std::sort(readings.begin(), readings.end(), is_earlier);
    }
    watcher_->see(new_readings_of(*touched[i], readings), now);
  }
  const AlertChanges& changes = watcher_->changes();
  return changes.empty() ? nullptr : &changes;
}

void WatchedReadings::committed() noexcept {
  if (is_shown_) watcher_->committed();
  is_shown_ = false;
}

void WatchedReadings::rolled_back() noexcept {
  if (is_shown_) watcher_->rolled_back();
  is_shown_ = false;
}

}  // namespace hostwatch::storage::sqlite
