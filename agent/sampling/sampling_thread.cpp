#include "agent/sampling/sampling_thread.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "agent/sampling/tick_schedule.h"

namespace hostwatch::agent {

using Clock = std::chrono::steady_clock;

SamplingThread::SamplingThread(Sampler& sampler, Clock::duration interval, HandOn hand_on,
                               Clock::duration warm_up)
    : sampler_(sampler), interval_(interval), warm_up_(warm_up), hand_on_(std::move(hand_on)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

bool SamplingThread::stop(std::chrono::milliseconds patience) {
  thread_.request_stop();
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, patience, [this] { return ended_; });
}

void SamplingThread::run(const std::stop_token& stop) {
  const Clock::time_point start = Clock::now();
  try {
    sampler_.warm_up(start);
  } catch (const std::exception& error) {
    spdlog::error("the first sample failed: {}", error.what());
  }
  const TickSchedule schedule(start + warm_up_, interval_);
  std::unique_lock lock(mutex_);
  Clock::time_point next = schedule.next_after(start);
  while (!stop.stop_requested()) {
    // The predicate is false: only the time or a stop ends this wait.
    wake_.wait_until(lock, stop, next, [] { return false; });
    if (stop.stop_requested()) break;
    lock.unlock();
    tick(Clock::now());
    lock.lock();
    next = schedule.next_after(Clock::now());
  }
  ended_ = true;
  wake_.notify_all();
}

void SamplingThread::tick(Clock::time_point now) {
  try {
    if (const auto reading = sampler_.sample(now)) hand_on_(*reading);
    failing_ = false;
  } catch (const std::exception& error) {  // out of memory: the next tick may fare better
    if (!failing_) spdlog::error("a sample failed: {}", error.what());
    failing_ = true;
  }
}

}  // namespace hostwatch::agent
