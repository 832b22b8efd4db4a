#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "protocol/reading.h"
#include "server/ingest/queue_shares.h"
#include "server/storage/store.h"

namespace hostwatch::ingest {

/// How a request's readings ended: stored, or why not.
struct IngestOutcome {
  storage::AppendResult result;
  std::optional<std::string> error;  ///< for the operator; nothing was stored
};

struct IngestOptions {
  /// Memory of the readings that wait or are being stored (see memory_of()). From three quarters of it on,
  /// turns_away() asks to turn requests of those who fill it away before they are decoded; beyond it submit()
  /// refuses them. See QueueShares.
  std::size_t max_waiting_bytes = 64UL * 1024 * 1024;
  /// Readings in one transaction, so that the first request of a burst need not wait for all of it.
  std::size_t max_readings_per_commit = 20000;
  /// Of them those of one client: from here on others pass its further requests.
  std::size_t max_readings_of_one = 10000;
};

struct IngestStatistics {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t failed = 0;   ///< readings of requests that ended with an error
  std::uint64_t refused = 0;  ///< requests turned away because the queue was full
  std::uint64_t commits = 0;
  std::size_t waiting_values = 0;  ///< readings and samples that wait or are being stored
  std::size_t waiting_bytes = 0;   ///< their memory
};

/// The only way into the store: a bounded queue and the one thread that writes. Whatever has gathered while a
/// transaction was committed becomes the next one (group commit), so that the cost of a sync is shared; each
/// client (any text that tells it from others) has a part of it, so that none waits for all of another's.
/// Between transactions the thread does the store's maintenance, a small piece at a time.
class IngestQueue {
 public:
  using Done = std::function<void(const IngestOutcome&)>;
  using UnixClock = std::function<std::int64_t()>;  ///< Unix seconds

  /// Starts the writing thread. `store` must outlive the queue.
  IngestQueue(storage::Store& store, IngestOptions options, UnixClock clock);

  /// As stop().
  ~IngestQueue();
  IngestQueue(const IngestQueue&) = delete;
  IngestQueue& operator=(const IngestQueue&) = delete;

  /// Hands readings to the writer; `done` is called from its thread once they are on disk, or could not be
  /// stored. False, at once and without a call, if the queue is full or stopped. Thread-safe.
  bool submit(const std::string& client, std::vector<protocol::Reading> readings, Done done);

  /// True when a request of that client should be turned away before anything is spent on it; then it counts
  /// one as refused. Thread-safe, never waits for the disk.
  bool turns_away(const std::string& client);

  /// Waits until requests of that client are not turned away any more; returns at once when the queue is
  /// stopped. For threads that may wait for the disk. Thread-safe.
  void wait_for_room(const std::string& client);

  /// Runs `work` on the writing thread between transactions; `done` gets its error, if any. False as with
  /// submit().
  bool run(std::function<void(storage::Store&)> work,
           std::function<void(const std::optional<std::string>&)> done);

  /// Stores all that was submitted, then ends the thread.
  void stop();

  /// Why nothing can be stored at present; nothing if it can. Thread-safe, never waits for the disk.
  std::optional<std::string> failure() const;

  IngestStatistics statistics() const;

 private:
  struct Request {
    std::vector<protocol::Reading> readings;
    Done done;
    std::function<void(storage::Store&)> work;
    std::function<void(const std::optional<std::string>&)> work_done;
    std::size_t values = 0;
    std::size_t bytes = 0;
    QueueShares::Place share;  ///< once it is in the queue
  };
  using Batch = std::list<Request>;  // requests go from one to another without memory

  bool enqueue(const std::string& client, Request request);
  void write(const std::stop_token& stop);
  Batch take_batch(const std::stop_token& stop);
  Batch take_next();
  void commit(Batch& batch);
  void answer(Batch& batch, const std::vector<storage::AppendResult>& results,
              const std::optional<std::string>& error);
  void release(Batch& batch);
  void run_work(Request& request);
  void maintain();
  void set_failure(const std::optional<std::string>& failure);

  storage::Store& store_;
  IngestOptions options_;
  UnixClock clock_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable room_;  ///< less is waiting, or nothing will be taken any more
  Batch waiting_;
  QueueShares shares_;  ///< of what waits or is being stored
  std::size_t gather_ =
      1;  ///< requests that are likely to come together: as many clients were at work just now
  bool stopped_ = false;
  IngestStatistics statistics_;
  std::optional<std::string> failure_;

  std::chrono::steady_clock::time_point failed_at_;  ///< the writing thread's own: of the last failure
  bool more_maintenance_ = true;                     ///< the writing thread's own
  std::jthread writer_;                              ///< last: everything above is there when it starts
};

}  // namespace hostwatch::ingest
