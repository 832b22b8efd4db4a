#include "agent/retry_timing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace hostwatch::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

milliseconds part(milliseconds whole, double random) {
  return milliseconds(
      static_cast<milliseconds::rep>(static_cast<double>(whole.count()) * std::clamp(random, 0.0, 1.0)));
}

std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT": the one form that servers may send today (RFC 9110, 5.6.7). Read by hand:
/// strptime() takes the names of months from the locale.
std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size() || !text.ends_with(" GMT")) return std::nullopt;
  for (const std::size_t at : {3U, 4U, 7U, 11U, 16U, 19U, 22U}) {
    if (text[at] != kForm[at]) return std::nullopt;
  }
  const auto* month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day = number_at(text, 5, 2);
  const auto year = number_at(text, 12, 4);
  const auto hour = number_at(text, 17, 2);
  const auto minute = number_at(text, 20, 2);
  const auto second = number_at(text, 23, 2);
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400 + *hour * 3'600 + *minute * 60 + *second;
}

}  // namespace

milliseconds back_off(const RetryTiming& timing, unsigned failures, double random) {
  milliseconds longest = std::min(timing.base, timing.cap);
  for (unsigned i = 1; i < failures && longest < timing.cap; ++i) longest = std::min(longest * 2, timing.cap);
  return part(longest, random);
}

std::optional<seconds> parse_retry_after(std::string_view text, std::int64_t unix_now) {
  constexpr std::int64_t kLongest = 366LL * 86'400;  // far beyond what is obeyed; keeps sums in range
  const bool digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    std::int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return seconds(result.ec == std::errc() ? std::min(value, kLongest) : kLongest);
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return seconds(std::clamp<std::int64_t>(*date - unix_now, 0, kLongest));
}

milliseconds obey_retry_after(const RetryTiming& timing, seconds asked, unsigned failures, double random) {
  return std::min<milliseconds>(asked, timing.retry_after_cap) + back_off(timing, failures, random);
}

milliseconds slow_retry(const RetryTiming& timing, double random) {
  return timing.slow + part(timing.slow / 10, random);
}

milliseconds send_offset(std::string_view hostname, seconds interval) {
  if (interval < seconds(5)) return milliseconds(0);
  // FNV-1a: the same on every machine and version, unlike std::hash.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : hostname) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  hash ^= hash >> 32U;  // names that differ in their last letter alone differ most in the upper bits
  const milliseconds longest = std::min<milliseconds>(milliseconds(interval) / 3, seconds(30));
  const auto range = static_cast<std::uint64_t>(longest.count());
  return milliseconds(static_cast<milliseconds::rep>(hash % range));
}

}  // namespace hostwatch::agent
