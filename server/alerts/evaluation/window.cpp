#include "server/alerts/evaluation/window.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace hostwatch::alerts {
namespace {

constexpr double kNoWindowYet = std::numeric_limits<double>::quiet_NaN();
constexpr auto kSlots = static_cast<std::int64_t>(kWindowSlots);
constexpr auto kTrend = static_cast<std::int64_t>(kTrendSlots);

/// Times may be before 1970 only by mistake; rounding stays downwards all the same.
std::int64_t slot_of(std::int64_t at, std::int64_t width) {
  return at >= 0 ? at / width : -((width - 1 - at) / width);
}

template <typename Slots>
auto& slot_in(Slots& slots, std::int64_t number) {
  const auto size = static_cast<std::int64_t>(slots.size());
  return slots[static_cast<std::size_t>(((number % size) + size) % size)];
}

}  // namespace

Window::Window(ValueKind kind, std::int64_t over) : over_(std::max(over, kSlots)), kind_(kind) {}

void Window::clear() {
  slots_.fill({});
  previous_at_ = INT64_MIN;
}

double Window::add(std::int64_t at, double value) {
  const std::int64_t number = slot_of(at, over_ / kSlots);
  Slot& slot = slot_in(slots_, number);
  if (slot.number != number) slot = {number, 0, 0};
  switch (kind_) {
    case ValueKind::increase:
      // What came before a longer pause is not of this window.
      if (previous_at_ != INT64_MIN && at - previous_at_ <= over_) {
        slot.value += value >= previous_ ? value - previous_ : value;
      }
      previous_ = value;
      previous_at_ = at;
      break;
    case ValueKind::minimum:
      slot.value = slot.count == 0 ? value : std::min(slot.value, value);
      break;
    case ValueKind::maximum:
      slot.value = slot.count == 0 ? value : std::max(slot.value, value);
      break;
    default:
      slot.value += value;
      break;
  }
  ++slot.count;
  return value_at(number);
}

double Window::value_at(std::int64_t newest) const {
  double sum = 0;
  double least = std::numeric_limits<double>::infinity();
  double greatest = -least;
  std::uint64_t count = 0;
  std::int64_t oldest = newest;
  for (const Slot& slot : slots_) {
    if (slot.count == 0 || slot.number > newest || slot.number <= newest - kSlots) continue;
    oldest = std::min(oldest, slot.number);
    sum += slot.value;
    count += slot.count;
    least = std::min(least, slot.value);
    greatest = std::max(greatest, slot.value);
  }
  // A counter's growth is what it is; of other values one reading is no window.
  if (kind_ == ValueKind::increase) return sum;
  if (newest - oldest + 1 < kSlots / 2) return kNoWindowYet;
  if (kind_ == ValueKind::minimum) return least;
  if (kind_ == ValueKind::maximum) return greatest;
  return sum / static_cast<double>(count);
}

Trend::Trend(double bound, std::int64_t over)
    : bound_(bound), width_(std::max<std::int64_t>(over / kTrend, 1)) {}

void Trend::clear() {
  slots_.fill({});
  reckoned_for_ = INT64_MIN;
  is_known_ = false;
}

double Trend::add(std::int64_t at, double value) {
  const std::int64_t number = slot_of(at, width_);
  if (number != reckoned_for_) reckon(number);
  Slot& slot = slot_in(slots_, number);
  if (slot.number != number) slot = {number, 0, 0};
  slot.sum += value;
  ++slot.count;
  if (!is_known_) return kNoWindowYet;
  if (value == bound_) return 0;
  if (!leads_there_) return std::numeric_limits<double>::infinity();
  const double seconds = (bound_ - value) / slope_;
  return seconds < 0 ? 0 : seconds;
}

/// By the slots before `current`, which is under way.
void Trend::reckon(std::int64_t current) {
  reckoned_for_ = current;
  std::int64_t known = 0;
  double last = 0;
  std::int64_t last_number = INT64_MIN;
  for (const Slot& slot : slots_) {
    if (slot.count == 0 || slot.number >= current || slot.number < current - kTrend) continue;
    ++known;
    if (slot.number > last_number) {
      last_number = slot.number;
      last = slot.sum / slot.count;
    }
  }
  is_known_ = known * 10 >= kTrend * 8;
  leads_there_ = false;
  if (!is_known_) return;
  const double whole = slope(current, kTrend) / static_cast<double>(width_);
  const double quarter = slope(current, kTrend / 4) / static_cast<double>(width_);
  const double way = bound_ - last;
  // Both must lead there; NaN, where the quarter has too few slots, does not.
  if (!(whole * way > 0) || !(quarter * way > 0)) return;
  leads_there_ = true;
  slope_ = std::abs(whole) < std::abs(quarter) ? whole : quarter;
}

/// A slot: the median of those between every two of the last `slots`; NaN if there are fewer than three.
double Trend::slope(std::int64_t current, std::int64_t slots) const {
  std::vector<std::pair<double, double>> points;
  points.reserve(kTrendSlots);
  for (std::int64_t number = current - slots; number < current; ++number) {
    const Slot& slot = slot_in(slots_, number);
    if (slot.number != number || slot.count == 0) continue;
    points.emplace_back(static_cast<double>(number - current), slot.sum / slot.count);
  }
  if (points.size() < 3) return kNoWindowYet;
  std::vector<double> slopes;
  slopes.reserve(points.size() * (points.size() - 1) / 2);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      slopes.push_back((points[j].second - points[i].second) / (points[j].first - points[i].first));
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  if (slopes.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(slopes.begin(), middle)) / 2;
}

}  // namespace hostwatch::alerts
