#include "agent/collectors/collector_set.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "protocol/catalogue.h"
#include "protocol/decode.h"

namespace hostwatch::agent {

namespace {

void round_as(std::string_view metric, std::optional<double>& value) {
  if (value) value = protocol::round_to(*value, protocol::find_metric(metric)->decimals);
}

}  // namespace

CollectorSet::CollectorSet(std::vector<NamedCollector> collectors, std::function<Time()> clock)
    : clock_(std::move(clock)) {
  entries_.reserve(collectors.size());
  for (NamedCollector& named : collectors) entries_.push_back({.named = std::move(named)});
}

void CollectorSet::run(Entry& entry, Time now, Collected& into) {
  try {
    // What a collector added before it failed is true and stays.
    entry.named.collector->collect(now, into);
    if (entry.failing) spdlog::info("collector {}: works again", entry.named.name);
    entry.failing = false;
  } catch (const std::exception& error) {
    if (!entry.failing) {
      spdlog::warn("collector {}: {} (what it cannot tell is left out until it works again)",
                   entry.named.name, error.what());
    }
    entry.failing = true;
    entry.has_failed = true;
  }
}

/// Nothing of a collector that never failed and is not measured: two values more of each would make every
/// reading of every host larger.
void CollectorSet::add_own_values(Collected& into) const {
  for (const Entry& entry : entries_) {
    if (entry.has_failed) into.add("agent_collector_failing", entry.named.name, entry.failing ? 1 : 0);
    if (clock_) into.add("agent_collector_seconds", entry.named.name, entry.took.count());
  }
}

Collected CollectorSet::collect(Time now) {
  Collected all;
  all.samples.reserve(expected_samples_);
  Time began = clock_ ? clock_() : Time();
  for (Entry& entry : entries_) {
    run(entry, now, all);
    if (!clock_) continue;
    const Time ended = clock_();
    entry.took = ended - began;
    began = ended;
  }
  add_own_values(all);
  round_as("cpu", all.cpu);
  round_as("ram", all.ram);
  round_as("disk", all.disk);
  expected_samples_ = all.samples.size();
  const std::size_t left_out = all.limit_samples(protocol::DecodeLimits{}.max_series);
  if (left_out != 0 && !too_many_) {
    spdlog::warn("this host has {} values, {} more than fit in a reading: the last instances are left out",
                 expected_samples_, left_out);
  }
  too_many_ = left_out != 0;
  return all;
}

bool CollectorSet::has_stuck_worker() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.named.collector->has_stuck_worker(); });
}

}  // namespace hostwatch::agent
