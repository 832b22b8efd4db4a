#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "agent/collectors/collector.h"
#include "protocol/catalogue.h"
#include "protocol/decode.h"

namespace hostwatch::agent {

namespace {

void round_as(std::string_view metric, std::optional<double>& value) {
  if (value) value = protocol::round_to(*value, protocol::find_metric(metric)->decimals);
}

}  // namespace

CollectorSet::CollectorSet(std::vector<std::unique_ptr<Collector>> collectors) {
  entries_.reserve(collectors.size());
  for (auto& collector : collectors) entries_.push_back({std::move(collector), false});
}

Collected CollectorSet::collect(std::chrono::steady_clock::time_point now) {
  Collected all;
  all.samples.reserve(expected_samples_);
  for (Entry& entry : entries_) {
    try {
      // What a collector added before it failed is true and stays.
      entry.collector->collect(now, all);
      if (entry.failing) spdlog::info("collector {}: works again", entry.collector->name());
      entry.failing = false;
    } catch (const std::exception& error) {
      if (!entry.failing) {
        spdlog::warn("collector {}: {} (what it cannot tell is left out until it works again)",
                     entry.collector->name(), error.what());
      }
      entry.failing = true;
    }
  }
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
                     [](const Entry& entry) { return entry.collector->has_stuck_worker(); });
}

}  // namespace hostwatch::agent
