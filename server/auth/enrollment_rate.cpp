#include "server/auth/enrollment_rate.h"

#include <algorithm>

#include "net/address.h"

namespace hostwatch::auth {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr const char* kAll = "";

}  // namespace

/// A clock that was set back begins a new minute too.
void EnrollmentRate::forget(std::int64_t now) {
  std::erase_if(minutes_, [now](const auto& one) {
    return now >= one.second.began + kMinute || now < one.second.began;
  });
}

std::int64_t EnrollmentRate::rest(const Digest& token, const std::string& client, std::uint32_t most,
                                  std::int64_t now) {
  const auto found = minutes_.find({token, client});
  if (found == minutes_.end() || found->second.let_in < most) return 0;
  Minute& minute = found->second;
  const std::int64_t minutes_later = minute.sent_away++ / most;
  return std::min(minute.began + kMinute - now + minutes_later * kMinute, kLongestWait);
}

std::int64_t EnrollmentRate::wait(const Digest& token, const std::string& address, std::int64_t now) {
  if (a_minute_ == 0) return 0;
  forget(now);
  // Who has had its part already is not counted among those who wait for the rest.
  if (const std::int64_t own = rest(token, net::network_of(address), a_minute_, now); own > 0) return own;
  return rest(token, kAll, kClients * a_minute_, now);
}

void EnrollmentRate::count(const Digest& token, const std::string& address, std::int64_t now) {
  if (a_minute_ == 0) return;
  forget(now);
  for (const std::string& client : {net::network_of(address), std::string(kAll)}) {
    ++minutes_.try_emplace({token, client}, Minute{now, 0, 0}).first->second.let_in;
  }
}

}  // namespace hostwatch::auth
