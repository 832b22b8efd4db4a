#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>

#include "util/mutex.h"

namespace hostwatch::http {

/// Counts the requests whose answers are not sent yet, so that stopping can wait for them. Thread-safe; takes
/// a lock only once somebody waits.
class PendingRequests {
 public:
  void add() { ++count_; }

  /// Needs no memory.
  void finish() noexcept {
    if (--count_ != 0 || !is_waited_for_) return;
    const util::MutexLock lock(mutex_);
    none_.notify_all();
  }

  /// Waits until there are none, at most `patience`.
  void wait_for_none(std::chrono::milliseconds patience) {
    // Before the count is looked at: who brings it to nothing afterwards sees it.
    is_waited_for_ = true;
    const auto end = std::chrono::steady_clock::now() + patience;
    util::MutexLock lock(mutex_);
    while (count_ != 0) {
      if (!lock.wait_until(none_, end)) break;
    }
  }

 private:
  std::atomic<std::size_t> count_{0};
  std::atomic<bool> is_waited_for_{false};
  util::Mutex mutex_;  ///< of who waits; the count is atomic
  std::condition_variable none_;
};

}  // namespace hostwatch::http
