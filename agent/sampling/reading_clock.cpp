#include "agent/sampling/reading_clock.h"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <utility>

namespace hostwatch::agent {
namespace {

constexpr std::int64_t kWorthSaying =
    5;  ///< seconds; a Date header is a second coarse, and answers take time
constexpr std::int64_t kGoodAgain = 3;

}  // namespace

ReadingClock::ReadingClock(std::function<std::int64_t()> wall, std::optional<std::int64_t> last)
    : wall_(std::move(wall)), last_(last) {}

std::optional<std::int64_t> ReadingClock::server_time(Time now) const {
  if (!server_said_at_ || now - *server_said_at_ > kServerTimeLasts) return std::nullopt;
  return server_time_ + std::chrono::duration_cast<std::chrono::seconds>(now - *server_said_at_).count();
}

std::int64_t ReadingClock::stamp(Time now) {
  const std::scoped_lock lock(mutex_);
  std::int64_t time = wall_();
  const auto server = server_time(now);
  if (server && std::abs(time - *server) > kTolerated) time = *server;
  if (last_ && time <= *last_ && *last_ - time <= kLongestHold) time = *last_ + 1;
  last_ = time;
  return time;
}

void ReadingClock::server_said(std::int64_t server_time, Time now) {
  const std::scoped_lock lock(mutex_);
  server_time_ = server_time;
  server_said_at_ = now;
  const std::int64_t ahead = wall_() - server_time;
  const std::int64_t apart = std::abs(ahead);
  if (!apart_ && apart > kWorthSaying) {
    apart_ = true;
    spdlog::warn("this host's clock is {} s {} the server's{}", apart, ahead > 0 ? "ahead of" : "behind",
                 apart > kTolerated ? "; readings carry the server's time until they agree" : "");
  } else if (apart_ && apart <= kGoodAgain) {
    apart_ = false;
    spdlog::info("this host's clock and the server's agree again");
  }
}

std::optional<std::int64_t> ReadingClock::last() const {
  const std::scoped_lock lock(mutex_);
  return last_;
}

}  // namespace hostwatch::agent
