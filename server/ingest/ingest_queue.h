#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "protocol/received_reading.h"
#include "server/storage/store.h"
#include "util/queue_shares.h"

namespace hostwatch::ingest {

/// How a request's readings ended: stored, or why not.
struct IngestOutcome {
  storage::AppendResult result{};
  std::optional<std::string> error{};  ///< for the operator; nothing was stored
  bool is_withdrawn = false;           ///< nothing was stored: their host was deleted meanwhile
};

/// Whose word it is that readings come by.
enum class SentBy : std::uint8_t {
  anyone,
  host_itself  ///< by a token that is for that host alone, and goes with it
};

/// What work does on the writing thread.
enum class WorkKind : std::uint8_t {
  writes,  ///< whether it goes well says whether anything can be stored
  looks    ///< at what belongs to that thread: says nothing of the database
};

struct IngestOptions {
  /// Memory of the readings that wait or are being stored (see memory_of()). turns_away() asks to turn
  /// requests of those who fill it away before they are decoded; beyond it submit() refuses them. See
  /// QueueShares.
  std::size_t max_waiting_bytes = 64UL * 1024 * 1024;
  /// What run() was asked for and is not done yet.
  std::size_t max_waiting_work = 64;
  /// Readings in one transaction, so that the first request of a burst need not wait for all of it: fewer,
  /// but for one request, where such transactions take longer than commit_time.
  std::size_t max_readings_per_commit = 20000;
  std::chrono::milliseconds commit_time{250};
  /// Of them those of one client: from here on others pass its further requests.
  std::size_t max_readings_of_one = 10000;
  /// Whether a host still has tokens of its own. Readings sent by the host itself that were admitted before
  /// it was deleted must not bring it back, so the writing thread asks once for each request of such. Null:
  /// they always have. Thread-safe.
  std::function<bool(const std::string& host)> has_tokens{};
  /// Called by the writing thread once a second, between transactions; may throw. Null: nothing is.
  std::function<void()> tick{};
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
/// transaction was committed becomes the next one (group commit), so that the cost of a sync is shared. Where
/// more has gathered than one transaction takes, clients (any text that tells one from others) share it by
/// the values that they send, whatever they have waiting: self-clocked fair queueing (Golestani, 1994). So a
/// request of a few readings by somebody who has nothing waiting is in the next transaction, however many
/// fill the queue. Between transactions the thread does the store's maintenance, a small piece at a time.
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
  /// stored. False, at once and without a call, if the queue is full or stopped. Readings that are sent by
  /// the host itself are all of that host. Thread-safe.
  bool submit(const std::string& client, std::vector<protocol::ReceivedReading> readings, Done done,
              SentBy sent_by = SentBy::anyone);

  /// True when a request of that client should be turned away before anything is spent on it; then it counts
  /// one as refused. Thread-safe, never waits for the disk.
  bool turns_away(const std::string& client);

  /// Waits until requests of that client are not turned away any more; returns at once when the queue is
  /// stopped. For threads that may wait for the disk. Thread-safe.
  void wait_for_room(const std::string& client);

  /// Runs `work`, which is about one host (empty: about none), on the writing thread between transactions;
  /// `done` gets its error, if any. Readings of that host that were submitted before are stored before, and
  /// go before all others'; for nobody else's it waits. False, at once and without a call, if the queue is
  /// stopped or as much work waits as may. Thread-safe.
  bool run(const std::string& host, std::function<void(storage::Store&)> work,
           std::function<void(const std::optional<std::string>&)> done, WorkKind kind = WorkKind::writes);

  /// Stores all that was submitted, then ends the thread.
  void stop();

  /// Why nothing can be stored at present; nothing if it can. Thread-safe, never waits for the disk.
  std::optional<std::string> failure() const;

  IngestStatistics statistics() const;

 private:
  struct Request {
    std::vector<protocol::ReceivedReading> readings;
    Done done;
    std::function<void(storage::Store&)> work;
    std::function<void(const std::optional<std::string>&)> work_done;
    WorkKind work_kind = WorkKind::writes;
    std::size_t values = 0;
    std::size_t bytes = 0;
    SentBy sent_by = SentBy::anyone;
    bool is_withdrawn = false;
    std::optional<util::QueueShares::Place> place;  ///< of readings, once they are in the queue
  };
  /// When it is a request's turn, in values; those of the same are in the order in which they came.
  using Turn = std::uint64_t;
  static constexpr Turn kFirst = 0;
  using Batch = std::multimap<Turn, Request>;  // requests go from one to another without memory

  bool enqueue(const std::string& client, Request request);
  void put_first(const std::string& host);
  void write(const std::stop_token& stop);
  Batch take_batch(const std::stop_token& stop);
  Batch take_next();
  void commit(Batch& batch);
  void withdraw_deleted(Batch& batch) const;
  void adapt(std::chrono::steady_clock::duration took);
  void answer(Batch& batch, const std::vector<storage::AppendResult>& results,
              const std::optional<std::string>& error);
  void release(Batch& batch);
  void run_work(Request& request);
  void maintain();
  void tick_when_due();
  void set_failure(const std::optional<std::string>& failure);

  storage::Store& store_;
  IngestOptions options_;
  UnixClock clock_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable room_;  ///< less is waiting, or nothing will be taken any more
  Batch waiting_;
  std::size_t waiting_work_ = 0;  ///< waits or is being done
  Turn turn_ = kFirst + 1;        ///< it is, of the clients'
  util::QueueShares shares_;      ///< of what waits or is being stored
  std::size_t gather_ =
      1;  ///< requests that are likely to come together: as many clients were at work just now
  bool stopped_ = false;
  IngestStatistics statistics_;
  std::optional<std::string> failure_;

  std::size_t readings_per_commit_;                  ///< the writing thread's own: at most, just now
  std::chrono::steady_clock::time_point failed_at_;  ///< the writing thread's own: of the last failure
  bool more_maintenance_ = true;                     ///< the writing thread's own
  std::chrono::steady_clock::time_point ticked_at_;  ///< the writing thread's own
  std::jthread writer_;                              ///< last: everything above is there when it starts
};

}  // namespace hostwatch::ingest
