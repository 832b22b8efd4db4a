#pragma once

#include <atomic>
#include <future>
#include <latch>
#include <string>

#include "server/http/work_pool.h"

namespace hostwatch::api::test {

/// Holds a pool's threads, each for another client, until it is let go.
class BusyPool {
 public:
  BusyPool(http::WorkPool& pool, std::size_t threads) : taken_(static_cast<std::ptrdiff_t>(threads)) {
    for (std::size_t i = 0; i < threads; ++i) {
      pool.submit("busy " + std::to_string(i), [this] {
        taken_.count_down();
        released_.get_future_shared().wait();
      });
    }
    taken_.wait();
  }
  ~BusyPool() { release(); }
  BusyPool(const BusyPool&) = delete;
  BusyPool& operator=(const BusyPool&) = delete;
  void release() { released_.set(); }

 private:
  /// A promise that may be kept twice.
  class Once {
   public:
    std::shared_future<void> get_future_shared() const { return future_; }
    void set() {
      if (!is_set_.exchange(true)) promise_.set_value();
    }

   private:
    std::promise<void> promise_;
    std::shared_future<void> future_ = promise_.get_future().share();
    std::atomic<bool> is_set_{false};
  };
  std::latch taken_;
  Once released_;
};

}  // namespace hostwatch::api::test
