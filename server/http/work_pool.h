#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "util/mutex.h"

namespace hostwatch::http {

/// A few threads for requests that take long (reading history), so that those of the HTTP server never wait
/// for the disk. Clients take turns, so that one that asks for much delays itself. Thread-safe.
class WorkPool {
 public:
  struct Limits {
    std::size_t threads = 1;
    std::size_t max_waiting = 64;  ///< jobs that may wait for a thread
    // Of one client. 0: as many as of all. Else so that others find a place, however many fill the pool: the
    // last quarter is for clients of which no job waits, and of the rest a client has twice what it leaves
    // free at most (see ingest::QueueShares).
    std::size_t max_waiting_of_one = 0;
    std::size_t max_running_of_one = 0;
  };

  explicit WorkPool(Limits limits);

  /// For jobs that are nobody's in particular.
  WorkPool(std::size_t threads, std::size_t max_waiting) : WorkPool(Limits{threads, max_waiting, 0, 0}) {}

  /// As stop().
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// Runs `job` of a client (any text that tells it from others) on one of the threads. What it throws is
  /// logged. False, at once, if too much waits, of all or of that client, or the pool is stopped.
  bool submit(const std::string& client, std::function<void()> job);
  bool submit(std::function<void()> job) { return submit(std::string(), std::move(job)); }

  /// Ends the threads after the jobs they are at; jobs that wait are run first.
  void stop();

 private:
  using Job = std::function<void()>;
  struct Client {
    std::list<Job> waiting;
    std::size_t running = 0;
  };
  using Clients = std::map<std::string, Client>;

  void run(const std::stop_token& stop);
  bool may_wait(std::size_t its) const REQUIRES(mutex_);
  std::list<Clients::iterator>::iterator next_turn() REQUIRES(mutex_);
  static void run_job(const Job& job);

  const Limits limits_;
  util::Mutex mutex_;
  std::condition_variable_any wake_;
  Clients clients_ GUARDED_BY(mutex_);                     ///< of which jobs wait or run
  std::list<Clients::iterator> turns_ GUARDED_BY(mutex_);  ///< of which jobs wait; the next is first
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;
};

}  // namespace hostwatch::http
