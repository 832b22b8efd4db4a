#include "agent/clocks.h"

#include <ctime>

#include "util/clock.h"

namespace hostwatch::agent {
namespace {

ReadingClock::Time boot_time_now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return ReadingClock::Time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

Clocks system_clocks() {
  return {util::unix_now, boot_time_now, std::chrono::steady_clock::now};
}

}  // namespace hostwatch::agent
