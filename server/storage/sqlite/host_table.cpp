#include "server/storage/sqlite/host_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kCountYoungEverySeconds = 300;

/// A node of the map, the text that it shares, and the text's bytes; each with the allocator's part.
std::size_t memory_of(const std::string& packed) {
  constexpr std::size_t kNode = 144;
  constexpr std::size_t kBlockOverhead = 16;
  return kNode + packed.capacity() + kBlockOverhead;
}

}  // namespace

std::vector<std::string> HostTable::names() const {
  std::vector<std::string> names;
  {
    const util::SharedLock lock(mutex_);
    for (const auto& [name, host] : hosts_) {
      if (!host->is_new) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<HostBrief> HostTable::hosts_with(std::span<const protocol::Tag> tags) const {
  std::vector<HostBrief> found;
  {
    const util::SharedLock lock(mutex_);
    for (const auto& [name, host] : hosts_) {
      if (!host->is_new && protocol::has_tags(host->facts.tags, tags))
        found.push_back({name, host->interval(), host->last_seen});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const HostBrief& a, const HostBrief& b) { return a.name < b.name; });
  return found;
}

protocol::HostFacts HostTable::facts_of(std::string_view hostname) const {
  const util::SharedLock lock(mutex_);
  const auto found = hosts_.find(hostname);
  return found == hosts_.end() || found->second->is_new ? protocol::HostFacts{} : found->second->facts;
}

bool HostTable::knows(std::string_view hostname) const {
  const util::SharedLock lock(mutex_);
  const auto found = hosts_.find(hostname);
  return found != hosts_.end() && !found->second->is_new;
}

bool HostTable::admits(std::string_view hostname) const {
  const util::SharedLock lock(mutex_);
  return hosts_.size() < max_hosts_ || hosts_.contains(hostname);
}

bool HostTable::admit(std::string_view hostname, HostComes how, std::int64_t now) {
  HostCount count;
  {
    const util::SharedLock lock(mutex_);
    if (hosts_.contains(hostname)) return true;
    count = {hosts_.size(), young_hosts_};
  }
  return places_.take(hostname, count, how, now);
}

bool HostTable::keeps(std::string_view hostname, std::int64_t timestamp) const {
  if (timestamp >= latest_kept_from_) return true;  // the common case takes no lock
  const util::SharedLock lock(mutex_);
  const auto found = hosts_.find(hostname);
  return found == hosts_.end() || timestamp >= found->second->kept_from.reading;
}

/// Nothing if it has been forgotten.
std::optional<HostState> HostTable::state_of(const std::string& hostname) const {
  HostState state;
  SharedPacked latest;  // decoded after the lock is free
  {
    const util::SharedLock lock(mutex_);
    const auto found = hosts_.find(std::string_view(hostname));
    if (found == hosts_.end() || found->second->is_new) return std::nullopt;
    const Host& host = *found->second;
    state.name = hostname;
    state.first_seen = host.first_seen;
    state.last_seen = host.newest == INT64_MIN ? host.last_seen : host.newest;
    state.last_heard = host.last_heard;
    state.interval = host.interval();
    state.backfilled = host.backfilled;
    state.facts = host.facts;
    latest = host.latest;
  }
  try {
    if (latest) state.latest = codec_.decode_reading(hostname, state.last_seen, *latest);
  } catch (const StoreError&) {
    return state;  // it is damaged: without it, and the other hosts are told of
  }
  return state;
}

bool HostTable::find_values(HostValues& values) const {
  values.values.clear();
  SharedPacked latest;  // decoded after the lock is free
  {
    const util::SharedLock lock(mutex_);
    const auto found = hosts_.find(std::string_view(values.name));
    if (found == hosts_.end() || found->second->is_new) return false;
    const Host& host = *found->second;
    values.last_heard = host.last_heard;
    values.interval = host.interval();
    latest = host.latest;
  }
  try {
    if (latest) codec_.decode(*latest, values.values);
  } catch (const StoreError&) {
    values.values.clear();  // as in state_of()
  }
  return true;
}

void HostTable::add_to(StoreStatistics& statistics) const {
  const util::SharedLock lock(mutex_);
  statistics.hosts = hosts_.size();
  statistics.pending_readings = pending_count_;
  statistics.pending_bytes = pending_bytes_;
  std::int64_t uncompacted = 0;
  for (const auto& [name, host] : hosts_) {
    uncompacted += std::max<std::int64_t>(host->uncompacted, 0);
    if (host->put_off_for != 0) ++statistics.damaged_hosts;
    if (!host->pending.empty()) {
      statistics.oldest_reading = std::min(statistics.oldest_reading, host->pending.begin()->first);
    }
  }
  statistics.details.push_back(
      {"uncompacted_readings", "Readings filed and not yet in chunks.", static_cast<double>(uncompacted)});
}

HostTable::Moment HostTable::moment(const std::string& hostname, std::int64_t from, std::int64_t to) const {
  Moment result;
  const util::SharedLock lock(mutex_);
  const auto found = hosts_.find(std::string_view(hostname));
  if (found == hosts_.end() || found->second->is_new) return result;
  const Host& host = *found->second;
  result.host = host.id;
  result.filings = filings_;
  for (auto at = host.pending.lower_bound(from); at != host.pending.end() && at->first <= to; ++at) {
    result.pending.push_back({at->first, at->second});
  }
  return result;
}

std::unordered_map<std::int64_t, Host*> HostTable::by_id() const {
  std::unordered_map<std::int64_t, Host*> by_id;
  for (const auto& [name, host] : all()) by_id.emplace(host->id, host.get());
  return by_id;
}

Host& HostTable::add(std::unique_ptr<Host> host, std::int64_t now) {
  Host& added = *host;
  {
    const util::ExclusiveLock lock(mutex_);
    if (host->is_young(now)) ++young_hosts_;
    hosts_.emplace(added.name, std::move(host));
  }
  places_.give_back(added.name);
  return added;
}

void HostTable::set_kept_from(Host& host, const KeptFrom& from) {
  host.kept_from = from;
  latest_kept_from_ = std::max<std::int64_t>(latest_kept_from_, from.reading);
}

void HostTable::find_latest_kept_from() {
  latest_kept_from_ = 0;
  for (const auto& [name, host] : hosts_) set_kept_from(*host, KeptFrom(host->kept_from));
}

void HostTable::count_pending(const PackedByTime& readings) {
  pending_count_ += readings.size();
  for (const auto& [timestamp, packed] : readings) pending_bytes_ += memory_of(*packed);
}

void HostTable::uncount_pending(PackedByTime::const_iterator begin, PackedByTime::const_iterator end) {
  for (; begin != end; ++begin) {
    --pending_count_;
    pending_bytes_ -= memory_of(*begin->second);
  }
}

void HostTable::count_pending_anew() {
  pending_count_ = 0;
  pending_bytes_ = 0;
  for (const auto& [name, host] : hosts_) count_pending(host->pending);
}

/// That some are older by now shows within minutes.
void HostTable::count_young(std::int64_t now) {
  if (now - last_counted_young_ < kCountYoungEverySeconds && now >= last_counted_young_) return;
  last_counted_young_ = now;
  std::size_t hosts = 0;
  Brought brought;
  for (const auto& [name, host] : all()) {
    if (!host->is_young(now)) continue;
    ++hosts;
    const Brought one = codec_.brought_by(host->id);
    brought.entries += one.entries;
    brought.bytes += one.bytes;
  }
  codec_.brought_by_new_hosts = brought;
  const util::ExclusiveLock lock(mutex_);
  young_hosts_ = hosts;
}

}  // namespace hostwatch::storage::sqlite
