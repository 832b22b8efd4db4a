#include <algorithm>
#include <map>
#include <string>

#include "agent/collectors/collector.h"
#include "protocol/catalogue.h"

namespace hostwatch::agent {

void Collected::add(std::string_view metric, std::string_view instance, double value) {
  const protocol::MetricDefinition* const known = protocol::find_metric(metric);
  double rounded = protocol::round_to(value, known ? known->decimals : protocol::kCustomDecimals);
  if (rounded == 0) rounded = 0;  // there is a -0, and nobody wants to read it
  // The server would refuse such a value, and with it all that came along.
  if (!protocol::is_in_range(known, rounded)) return;
  samples.push_back({std::string(metric), std::string(instance), rounded});
}

std::size_t Collected::limit_samples(std::size_t most) {
  if (samples.size() <= most) return 0;
  std::map<std::string, std::size_t, std::less<>> instances;
  for (const protocol::Sample& sample : samples) ++instances[sample.metric];
  // The greatest number of instances that every metric may keep: found by trying, this is rare and small.
  const auto kept_with = [&](std::size_t each) {
    std::size_t kept = 0;
    for (const auto& [metric, count] : instances) kept += std::min(count, each);
    return kept;
  };
  std::size_t each = 0;
  while (kept_with(each + 1) <= most) ++each;

  const std::size_t before = samples.size();
  std::map<std::string, std::size_t, std::less<>> seen;
  std::erase_if(samples, [&](const protocol::Sample& sample) { return ++seen[sample.metric] > each; });
  return before - samples.size();
}

}  // namespace hostwatch::agent
