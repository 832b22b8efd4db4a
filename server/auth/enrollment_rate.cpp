#include "server/auth/enrollment_rate.h"

#include <algorithm>

namespace hostwatch::auth {
namespace {

constexpr std::int64_t kMinute = 60;

}  // namespace

/// A clock that was set back begins a new minute too.
void EnrollmentRate::forget(std::int64_t now) {
  std::erase_if(minutes_, [now](const auto& one) {
    return now >= one.second.began + kMinute || now < one.second.began;
  });
}

std::int64_t EnrollmentRate::wait(const Digest& token, std::int64_t now) {
  if (a_minute_ == 0) return 0;
  forget(now);
  const auto found = minutes_.find(token);
  if (found == minutes_.end() || found->second.let_in < a_minute_) return 0;
  Minute& minute = found->second;
  const std::int64_t minutes_later = minute.sent_away++ / a_minute_;
  return std::min(minute.began + kMinute - now + minutes_later * kMinute, kLongestWait);
}

void EnrollmentRate::count(const Digest& token, std::int64_t now) {
  if (a_minute_ == 0) return;
  forget(now);
  Minute& minute = minutes_.try_emplace(token, Minute{now, 0, 0}).first->second;
  ++minute.let_in;
}

}  // namespace hostwatch::auth
