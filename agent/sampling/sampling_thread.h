#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "agent/sampling/sampler.h"

namespace hostwatch::agent {

/// Runs a Sampler at its ticks on a thread of its own: a silent sample at once, the first reading a second
/// later, then one at every interval. The thread starts with the constructor and ends with stop() or the
/// destructor, which waits for it.
class SamplingThread {
 public:
  using HandOn = std::function<void(const protocol::Reading&)>;

  /// How long the first reading waits for something to reckon rates from.
  static constexpr std::chrono::seconds kWarmUp{1};

  /// `sampler` must outlive this; `hand_on` is called on the sampling thread.
  SamplingThread(Sampler& sampler, std::chrono::steady_clock::duration interval, HandOn hand_on,
                 std::chrono::steady_clock::duration warm_up = kWarmUp);

  /// Asks the thread to end and waits until it has, at most `patience`. False: it hangs in a source (a disk
  /// that does not answer), and destroying this object would wait with it.
  bool stop(std::chrono::milliseconds patience);

 private:
  void run(const std::stop_token& stop);
  void tick(std::chrono::steady_clock::time_point now);

  Sampler& sampler_;
  const std::chrono::steady_clock::duration interval_;
  const std::chrono::steady_clock::duration warm_up_;
  const HandOn hand_on_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool ended_ = false;

  std::jthread thread_;  // last: ends before what it uses goes
};

}  // namespace hostwatch::agent
