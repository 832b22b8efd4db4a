#include "server/storage/sqlite/alerts/watched_readings.h"

#include <algorithm>
#include <numeric>

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

WatchedReadings::Readings WatchedReadings::readings_of(std::size_t host) {
  const std::size_t begin = host == 0 ? 0 : ends_[host - 1];
  return Readings(readings_).subspan(begin, ends_[host] - begin);
}

/// Few hosts: the others' readings are not looked into.
void WatchedReadings::order_by_time() {
  std::sort(disordered_.begin(), disordered_.end());
  disordered_.erase(std::unique(disordered_.begin(), disordered_.end()), disordered_.end());
  for (const std::size_t host : disordered_) {
    const Readings readings = readings_of(host);
    std::sort(readings.begin(), readings.end(), is_earlier);
  }
}

const AlertChanges* WatchedReadings::show(const std::vector<Host*>& touched, std::int64_t now) {
  if (watcher_ == nullptr) return nullptr;
  order_by_host(touched.size());
  order_by_time();
  is_shown_ = true;
  for (std::size_t i = 0; i < touched.size(); ++i)
    watcher_->see(new_readings_of(*touched[i], readings_of(i)), now);
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
