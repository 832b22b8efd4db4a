#include "server/alerts/rules/rule_units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <span>
#include <utility>

#include "util/text/json_number.h"

namespace hostwatch::alerts {
namespace {

using protocol::Unit;
using Scale = std::pair<std::string_view, double>;

constexpr std::int64_t kLongest = 3650LL * 86400;
constexpr double kGreatestExact = 9007199254740992.0;  // 2^53

// The greatest first: so formatting finds the shortest text.
constexpr std::array<Scale, 5> kTimes{{{"w", 604800}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}};
constexpr std::array<Scale, 5> kBinarySizes{{{"PiB", 1125899906842624.0},
                                             {"TiB", 1099511627776.0},
                                             {"GiB", 1073741824.0},
                                             {"MiB", 1048576.0},
                                             {"KiB", 1024.0}}};
constexpr std::array<Scale, 6> kDecimalSizes{
    {{"PB", 1e15}, {"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}}};

/// A number and what stands behind it; nothing if no number is there.
std::optional<std::pair<double, std::string_view>> split(std::string_view text) {
  const auto number = util::take_json_number(text);
  if (!number) return std::nullopt;
  if (text.starts_with(' ')) text.remove_prefix(1);
  return std::pair(*number, text);
}

std::optional<double> scale_of(std::span<const Scale> scales, std::string_view unit) {
  const auto found =
      std::find_if(scales.begin(), scales.end(), [unit](const Scale& one) { return one.first == unit; });
  if (found == scales.end()) return std::nullopt;
  return found->second;
}

std::optional<double> size_scale(std::string_view unit) {
  const auto binary = scale_of(kBinarySizes, unit);
  return binary ? binary : scale_of(kDecimalSizes, unit);
}

/// By how much a unit's text multiplies, for values of that unit of the catalogue.
std::optional<double> scale_for(std::string_view text, Unit unit) {
  switch (unit) {
    case Unit::percent:
      return text == "%" ? std::optional(1.0) : std::nullopt;
    case Unit::bytes:
      return size_scale(text);
    case Unit::bytes_per_second:
      return text.ends_with("/s") ? size_scale(text.substr(0, text.size() - 2)) : std::nullopt;
    case Unit::per_second:
      return text == "/s" ? std::optional(1.0) : std::nullopt;
    case Unit::seconds:
      return text == "ms" ? std::optional(0.001) : scale_of(kTimes, text);
    case Unit::count:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view examples(std::optional<Unit> unit) {
  if (!unit) return "a number without a unit";
  switch (*unit) {
    case Unit::percent:
      return "a percentage, such as 90 or \"90%\"";
    case Unit::bytes:
      return "bytes, such as \"500MB\" or \"20GiB\"";
    case Unit::bytes_per_second:
      return "bytes per second, such as \"20MB/s\"";
    case Unit::per_second:
      return "a number per second, such as 5 or \"5/s\"";
    case Unit::seconds:
      return "a time, such as \"90s\", \"5m\" or \"12h\"";
    case Unit::count:
      return "a number without a unit";
  }
  return "a number";
}

std::string with_decimals(double value, int decimals) {
  std::array<char, 400> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  std::string result(text.data(), static_cast<std::size_t>(std::max(length, 0)));
  if (decimals > 0) {
    result.erase(result.find_last_not_of('0') + 1);
    if (result.ends_with('.')) result.pop_back();
  }
  return result == "-0" ? "0" : result;
}

std::string shown_number(double value) {
  if (!std::isfinite(value)) return "?";
  if (std::fabs(value) < kGreatestExact) return with_decimals(value, std::fabs(value) < 1 ? 3 : 1);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

/// In the greatest of the units that it has one of.
std::string shown_scaled(double value, std::span<const Scale> scales, std::string_view smallest) {
  for (const auto& [unit, scale] : scales) {
    if (std::fabs(value) >= scale) return shown_number(value / scale) + " " + std::string(unit);
  }
  return shown_number(value) + " " + std::string(smallest);
}

/// "2 h 5 min": the two greatest units of those that it has.
std::string shown_time(double seconds) {
  if (!std::isfinite(seconds) || std::fabs(seconds) > static_cast<double>(kLongest))
    return "more than ten years";
  if (std::fabs(seconds) < 60) return shown_number(seconds) + " s";
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kParts{
      {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}}};
  std::string result = seconds < 0 ? "-" : "";
  std::int64_t rest = std::llround(std::fabs(seconds));
  int parts = 0;
  for (const auto& [unit, length] : kParts) {
    if (parts == 2 || (parts == 0 && rest < length)) continue;
    if (rest >= length) {
      result += (parts == 0 ? "" : " ") + std::to_string(rest / length) + " " + std::string(unit);
    }
    rest %= length;
    ++parts;
  }
  return result;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto scale = text.empty() ? std::optional(1.0) : scale_of(kTimes, text);
  if (!scale || count > kLongest / static_cast<std::int64_t>(*scale)) return std::nullopt;
  return count * static_cast<std::int64_t>(*scale);
}

std::string format_duration(std::int64_t seconds) {
  for (const auto& [unit, scale] : kTimes) {
    const auto length = static_cast<std::int64_t>(scale);
    // Nobody says "1w" for seven days: weeks are read, not written.
    if (unit != "w" && seconds != 0 && seconds % length == 0)
      return std::to_string(seconds / length) + std::string(unit);
  }
  return std::to_string(seconds) + "s";
}

std::optional<double> parse_size(std::string_view text) {
  const auto parts = split(text);
  if (!parts || parts->first < 0) return std::nullopt;
  const auto scale = parts->second.empty() ? std::optional(1.0) : size_scale(parts->second);
  if (!scale) return std::nullopt;
  return parts->first * *scale;
}

std::optional<std::string> format_size(double bytes) {
  if (!(bytes >= 0 && bytes <= kGreatestExact) || std::floor(bytes) != bytes) return std::nullopt;
  std::string best;
  const auto consider = [&](std::string_view unit, double scale) {
    if (bytes == 0 || std::fmod(bytes, scale) != 0) return;
    const std::string text = std::to_string(std::llround(bytes / scale)) + std::string(unit);
    if (best.empty() || text.size() < best.size()) best = text;
  };
  for (const auto& [unit, scale] : kDecimalSizes) consider(unit, scale);
  for (const auto& [unit, scale] : kBinarySizes) consider(unit, scale);
  return best.empty() ? "0B" : best;
}

std::variant<double, std::string> parse_quantity(std::string_view text, std::optional<Unit> unit) {
  const auto parts = split(text);
  if (parts && parts->second.empty()) return parts->first;
  const auto scale = parts && unit ? scale_for(parts->second, *unit) : std::nullopt;
  if (!scale || !std::isfinite(parts->first * *scale)) {
    return "'" + std::string(text.substr(0, 40)) + "' is not " + std::string(examples(unit));
  }
  return parts->first * *scale;
}

std::string shown_quantity(double value, std::optional<Unit> unit) {
  if (!unit) return shown_number(value);
  switch (*unit) {
    case Unit::percent:
      return shown_number(value) + " %";
    case Unit::bytes:
      return shown_scaled(value, kBinarySizes, "B");
    case Unit::bytes_per_second:
      return shown_scaled(value, kDecimalSizes, "B") + "/s";
    case Unit::per_second:
      return shown_number(value) + "/s";
    case Unit::seconds:
      return shown_time(value);
    case Unit::count:
      return shown_number(value);
  }
  return shown_number(value);
}

}  // namespace hostwatch::alerts
