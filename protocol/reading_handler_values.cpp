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
  const bool has_instance = place_ == Place::instances;
  const std::size_t at = reading_.values.size();
  const MetricDefinition* known = nullptr;
  if (follows_previous()) {
    known = previous_.metrics[at];
  } else {
    stop_following();
    if (!is_metric_name(metric_)) {
      fault("metrics." + shown(metric_) +
            ": a metric's name is a letter or underscore, then letters, digits and "
            "underscores, at most 100");
      return;
    }
    if (has_instance) {
      if (const auto why = why_not_instance_name(instance_)) {
        fault("metrics." + metric_ + ": the instance's name " + *why);
        return;
      }
    }
    if (at >= limits_.max_series) {
      ++surplus_count_;
      constexpr std::size_t kNamed = 10;
      if (surplus_.size() < kNamed)
        surplus_.push_back(has_instance ? metric_ + "{" + instance_ + "}" : metric_);
      return;
    }
    known = find_metric(metric_);
  }
  if (!is_in_range(known, value)) {
    fault(path() + (known != nullptr ? " is out of range" : " is out of range (-1e300 to 1e300)"));
    return;
  }
  if (!is_following_) {
    names_.push_back(metric_, has_instance ? std::string_view(instance_) : std::string_view());
    metrics_.push_back(known);
  }
  reading_.values.push_back(value + 0.0);
}

/// Whether the series at hand is the one that stood here in the reading before: then its names are good.
bool ReadingHandler::follows_previous() const {
  const std::size_t at = reading_.values.size();
  if (!is_following_ || at >= previous_.layout->size()) return false;
  const auto [metric, instance] = (*previous_.layout)[at];
  if (metric != metric_) return false;
  // An empty name of an instance, which is refused, is not the same as none.
  return place_ == Place::instances ? !instance.empty() && instance == instance_ : instance.empty();
}

void ReadingHandler::stop_following() {
  if (!is_following_) return;
  is_following_ = false;
  names_.clear();
  metrics_.assign(previous_.metrics.begin(),
                  previous_.metrics.begin() + static_cast<std::ptrdiff_t>(reading_.values.size()));
  for (std::size_t i = 0; i < reading_.values.size(); ++i) {
    names_.push_back((*previous_.layout)[i].metric, (*previous_.layout)[i].instance);
  }
}

/// The reading is good: it has the layout of the one before, or one of its own.
void ReadingHandler::take_layout() {
  const std::size_t size = reading_.values.size();
  if (size == 0) return;
  if (!is_following_ || size != previous_.layout->size()) {
    stop_following();
    previous_ = {std::make_shared<const Layout>(names_), metrics_, 0};
    for (std::size_t i = 0; i < size; ++i) {
      if (i == 0 || names_[i].metric != names_[i - 1].metric) ++previous_.runs;
    }
  }
  reading_.layout = previous_.layout;
}

/// JSON leaves open what a name that appears twice means (RFC 8259, section 4): we refuse it.
void ReadingHandler::check_series() {
  const std::size_t size = reading_.values.size();
  // As many names as there are runs: each of them stands before its run, as in the reading before, in which
  // none was twice.
  const bool is_as_before = is_following_ && size == previous_.layout->size() && size != 0;
  if (is_as_before && metric_names_.size() == previous_.runs) return;
  stop_following();

  std::vector<Layout::Series> sorted;
  sorted.reserve(std::max(metric_names_.size(), size));
  for (std::size_t i = 0; i < metric_names_.size(); ++i) sorted.push_back(metric_names_[i]);
  const auto order = [](const Layout::Series& a, const Layout::Series& b) {
    const int metrics = a.metric.compare(b.metric);
    return metrics != 0 ? metrics < 0 : a.instance < b.instance;
  };
  const auto find_twice = [&] {
    if (!std::is_sorted(sorted.begin(), sorted.end(), order)) std::sort(sorted.begin(), sorted.end(), order);
    return std::adjacent_find(sorted.begin(), sorted.end());
  };
  if (const auto twice = find_twice(); twice != sorted.end()) {
    fault("metrics." + shown(twice->metric) + " appears twice");
  }
  sorted.clear();
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (!names_[i].instance.empty()) sorted.push_back(names_[i]);
  }
  if (const auto twice = find_twice(); twice != sorted.end()) {
    fault("metrics." + shown(twice->metric) + "{" + shown(twice->instance) + "} appears twice");
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
