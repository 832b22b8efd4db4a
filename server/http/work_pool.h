#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hostwatch::http {

/// A few threads for requests that take long (reading history), so that those of the HTTP server never wait
/// for the disk. Thread-safe.
class WorkPool {
 public:
  /// `max_waiting`: jobs that may wait for a thread.
  WorkPool(std::size_t threads, std::size_t max_waiting);

  /// As stop().
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// Runs `job` on one of the threads; it must not throw. False, at once, if too many wait or the pool is
  /// stopped.
  bool submit(std::function<void()> job);

  /// Ends the threads after the jobs they are at; jobs that wait are run first.
  void stop();

 private:
  void run(const std::stop_token& stop);

  std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace hostwatch::http
