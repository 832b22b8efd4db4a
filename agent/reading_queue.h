#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>

namespace hostwatch::agent {

/// Readings that wait for delivery, each as its JSON text (protocol::encode_reading), oldest first. In memory
/// and bounded: when it is full the oldest are dropped and counted, which is logged once until there is room
/// again. A reading stays in the queue until acknowledge() says that it is done with. Thread-safe.
class ReadingQueue {
 public:
  struct Limits {
    std::size_t readings = 20'000;
    std::size_t bytes = 32U << 20U;  ///< of text and what it takes to hold it
  };

  /// The oldest readings as one request body.
  struct Batch {
    std::string body;               ///< one object, or an array if there are several
    std::size_t readings = 0;       ///< how many; 0 if the queue is empty
    std::uint64_t last_ticket = 0;  ///< hand it to acknowledge()
  };

  ReadingQueue() : ReadingQueue(Limits{}) {}
  explicit ReadingQueue(Limits limits) : limits_(limits) {}

  void push(std::string json);

  /// Waits until there is a reading; false if `stop` was requested first.
  bool wait_for_reading(const std::stop_token& stop);

  /// At most `max_readings` of the oldest and about `max_bytes` of text, but always one if there is any. They
  /// stay in the queue.
  Batch oldest(std::size_t max_readings, std::size_t max_bytes) const;

  /// Those of the batch leave the queue: delivered, or never to be. Those dropped meanwhile are gone already.
  void acknowledge(const Batch& batch);

  std::size_t size() const;

  /// How many were dropped for want of room, ever.
  std::uint64_t dropped() const;

 private:
  struct Entry {
    std::uint64_t ticket;
    std::string json;
  };

  static std::size_t cost(const Entry& entry);
  void remove_oldest();

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable_any pushed_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t next_ticket_ = 1;
  std::uint64_t dropped_ = 0;
  bool overflowing_ = false;
};

}  // namespace hostwatch::agent
