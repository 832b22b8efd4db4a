// ReadingHandler: which values a reading may have.
#include <algorithm>
#include <cmath>

#include "protocol/catalogue.h"
#include "protocol/names.h"
#include "protocol/reading_handler.h"

namespace hostwatch::protocol {

void ReadingHandler::set_percent(double& member, double value) {
  if (value >= 0 && value <= 100) {
    member = value + 0.0;  // -0 becomes 0
  } else {
    fault(path() + " must be from 0 to 100");
  }
}

void ReadingHandler::set_timestamp(double value) {
  const double seconds = std::floor(value);
  if (seconds >= static_cast<double>(limits_.earliest) && seconds <= static_cast<double>(limits_.latest)) {
    reading_.timestamp = static_cast<std::int64_t>(seconds);
    return;
  }
  if (seconds > 99999999999.0) {
    fault("timestamp is out of range: it must be Unix time in seconds (not milliseconds)");
  } else if (limits_.now == 0) {
    fault("timestamp is out of range");
  } else if (seconds > static_cast<double>(limits_.latest)) {
    const auto ahead = static_cast<std::int64_t>(seconds) - limits_.now;
    fault("timestamp is " + std::to_string(ahead) + " s ahead of the server's clock, at most " +
          std::to_string(limits_.latest - limits_.now) + " s are taken; set the host's clock");
  } else {
    fault("timestamp is older than readings are kept (" + std::to_string(limits_.now - limits_.earliest) +
          " s)");
  }
}

void ReadingHandler::add_sample(double value) {
  if (!is_metric_name(metric_)) {
    fault("metrics." + shown(metric_) +
          ": a metric's name is a letter or underscore, then letters, digits and "
          "underscores, at most 100");
    return;
  }
  if (place_ == Place::instances) {
    if (const auto why = why_not_instance_name(instance_)) {
      fault("metrics." + metric_ + ": the instance's name " + *why);
      return;
    }
  }
  if (reading_.samples.size() >= limits_.max_series) {
    ++surplus_count_;
    constexpr std::size_t kNamed = 10;
    if (surplus_.size() < kNamed)
      surplus_.push_back(place_ == Place::instances ? metric_ + "{" + instance_ + "}" : metric_);
    return;
  }
  const MetricDefinition* known = find_metric(metric_);
  if (!is_in_range(known, value)) {
    fault(path() + (known != nullptr ? " is out of range" : " is out of range (-1e300 to 1e300)"));
    return;
  }
  reading_.samples.push_back({metric_, place_ == Place::instances ? instance_ : std::string(), value + 0.0});
}

/// JSON leaves open what a name that appears twice means (RFC 8259, section 4): we refuse it.
void ReadingHandler::check_series() {
  std::sort(metric_names_.begin(), metric_names_.end());
  const auto twice = std::adjacent_find(metric_names_.begin(), metric_names_.end());
  if (twice != metric_names_.end()) fault("metrics." + shown(*twice) + " appears twice");

  std::vector<const Sample*> sorted;
  sorted.reserve(reading_.samples.size());
  for (const Sample& sample : reading_.samples) {
    if (!sample.instance.empty()) sorted.push_back(&sample);
  }
  const auto order = [](const Sample* a, const Sample* b) {
    const int metrics = a->metric.compare(b->metric);
    return metrics != 0 ? metrics < 0 : a->instance < b->instance;
  };
  if (!std::is_sorted(sorted.begin(), sorted.end(), order)) std::sort(sorted.begin(), sorted.end(), order);
  const auto same = std::adjacent_find(sorted.begin(), sorted.end(), [](const Sample* a, const Sample* b) {
    return a->metric == b->metric && a->instance == b->instance;
  });
  if (same != sorted.end()) {
    fault("metrics." + shown((*same)->metric) + "{" + shown((*same)->instance) + "} appears twice");
  }
}

void ReadingHandler::keep_surplus() {
  constexpr std::size_t kNamed = 20;
  result_.surplus_count += surplus_count_;
  for (std::string& name : surplus_) {
    if (result_.surplus.size() < kNamed) result_.surplus.push_back({reading_.hostname, std::move(name)});
  }
}

}  // namespace hostwatch::protocol
