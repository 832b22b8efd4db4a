#include "agent/delivery/delivery_log.h"

#include <spdlog/spdlog.h>

namespace hostwatch::agent {

bool DeliveryLog::delivered(std::size_t waiting) {
  const State before = state_;
  state_ = State::connected;
  last_reason_.clear();
  if (before == State::unknown) spdlog::info("connected: delivering to {}", where_);
  if (before == State::lost)
    spdlog::info("recovered: delivering to {} again, {} were waiting", where_, waiting);
  return before == State::lost;
}

void DeliveryLog::failed(const std::string& reason, std::size_t waiting) {
  if (state_ == State::lost && reason == last_reason_) {
    spdlog::debug("still not delivered: {}; {} waiting", reason, waiting);
    return;
  }
  spdlog::warn("{}: {}; {} waiting, trying again", state_ == State::connected ? "lost" : "not delivered",
               reason, waiting);
  state_ = State::lost;
  last_reason_ = reason;
}

void DeliveryLog::refused(std::size_t readings, const std::string& reason) {
  if (!may_log()) {
    unlogged_ += readings;
    return;
  }
  spdlog::error("{} refused by the server and dropped: {}",
                readings == 1 ? std::string("1 reading was") : std::to_string(readings) + " readings were",
                reason);
}

void DeliveryLog::rejected(const Judgement& judgement) {
  std::uint64_t told = 0;
  for (const std::string& reason : judgement.rejections) {
    if (!may_log()) break;
    spdlog::error("a reading was rejected by the server: {}", reason);
    ++told;
  }
  unlogged_ += judgement.rejected - told;
}

bool DeliveryLog::may_log() {
  const auto now = Clock::now();
  if (lines_ == 0 || now - minute_began_ >= std::chrono::minutes(1)) {
    if (unlogged_ != 0) spdlog::error("{} more readings were refused or rejected", unlogged_);
    unlogged_ = 0;
    minute_began_ = now;
    lines_ = 0;
  }
  return lines_++ < kLinesAMinute;
}

}  // namespace hostwatch::agent
