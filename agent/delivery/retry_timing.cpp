#include "agent/delivery/retry_timing.h"

#include <algorithm>
#include <charconv>

#include "util/text/http_date.h"

namespace hostwatch::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds part(milliseconds whole, double random) {
  return milliseconds(
      static_cast<milliseconds::rep>(static_cast<double>(whole.count()) * std::clamp(random, 0.0, 1.0)));
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
  const auto date = util::parse_http_date(text);
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
