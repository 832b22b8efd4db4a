#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hostwatch::agent {

/// How long to wait before the next try.
struct RetryTiming {
  std::chrono::milliseconds base{1'000};   ///< the longest wait after the first failure
  std::chrono::milliseconds cap{60'000};   ///< the longest wait after any number of them
  std::chrono::milliseconds slow{60'000};  ///< after answers that only a person can change (401, 404)
  std::chrono::milliseconds retry_after_cap{600'000};  ///< the longest Retry-After that is believed
};

/// Exponential back-off with full jitter: `random` (0 to 1) of min(cap, base * 2^(failures - 1)); `failures`
/// in a row, at least 1. Full jitter spreads agents that lost their server together over the whole wait.
std::chrono::milliseconds back_off(const RetryTiming& timing, unsigned failures, double random);

/// A Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date which `unix_now` is taken from. Nothing
/// if it is neither; zero if the date is past.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::int64_t unix_now);

/// The wait that a server asked for, no longer than is believed, plus the jitter of back_off(): those whom it
/// sent away together do not come back together.
std::chrono::milliseconds obey_retry_after(const RetryTiming& timing, std::chrono::seconds asked,
                                           unsigned failures, double random);

/// The slow wait, plus up to a tenth of it.
std::chrono::milliseconds slow_retry(const RetryTiming& timing, double random);

/// How long this host's readings wait before they are sent, so that hosts whose ticks coincide do not send
/// together: fixed by the host's name, below a third of the interval and 30 s; none for intervals under 5 s.
std::chrono::milliseconds send_offset(std::string_view hostname, std::chrono::seconds interval);

}  // namespace hostwatch::agent
