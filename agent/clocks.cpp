#include "agent/clocks.h"

#include <ctime>

namespace hostwatch::agent {
namespace {

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

ReadingClock::Time boot_time_now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return ReadingClock::Time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

Clocks system_clocks() {
  return {unix_now, boot_time_now, std::chrono::steady_clock::now};
}

}  // namespace hostwatch::agent
