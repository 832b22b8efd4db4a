#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/spool/backlog_reader.h"
#include "agent/spool/reading_record.h"
#include "agent/spool/segment.h"
#include "agent/spool/sequence_set.h"
#include "protocol/reading.h"

namespace hostwatch::agent {

struct SpoolSettings {
  std::string folder;                           ///< must be there; empty: in memory alone
  std::uint64_t max_bytes = 64U << 20U;         ///< of files; beyond it the oldest readings go
  std::size_t segment_bytes = 256U << 10U;      ///< of one file
  std::size_t memory_bytes = 4U << 20U;         ///< of records while no file can be written
  std::size_t fresh_readings = 100;             ///< newest readings that are kept in memory too
  std::size_t fresh_bytes = 256U << 10U;        ///< of these, as JSON
  std::chrono::milliseconds sync_after{5'000};  ///< how long undelivered records lie unsynced
  std::chrono::seconds disk_retry{30};          ///< how soon files are tried again after one failed
};

/// Readings of one host name as one request body.
struct Batch {
  std::string body;          ///< one object, or an array if there are several; JSON
  std::size_t readings = 0;  ///< how many; 0: there are none
  std::uint64_t first = 0;   ///< the sequence numbers that it covers, inclusive
  std::uint64_t last = 0;
  std::string hostname;  ///< a host that was renamed has readings of its former name too
};

struct SpoolStatistics {
  std::size_t waiting = 0;    ///< readings not delivered yet
  std::uint64_t dropped = 0;  ///< since the start, for want of room
  std::uint64_t damaged = 0;  ///< since the start: places in the files that could not be read
  std::uint64_t bytes = 0;    ///< of files
  std::uint64_t syncs = 0;    ///< since the start
  bool in_memory = false;     ///< no file can be written at present, or none is wanted
};

/// Readings that wait for delivery: in files before anybody sends them, so that a killed agent loses none,
/// and synced within seconds while they wait, so that a power cut loses the last seconds at most. What is
/// delivered at once never reaches the disk: the file is emptied before the kernel writes it back. The newest
/// readings are in memory too and go first; the others are the backlog, read from the files as it is sent.
///
/// When all room is taken the oldest go first, a file at a time, counted. While no file can be written
/// readings are kept in memory. Nothing here throws because of a disk.
///
/// push() is for one thread, backlog() for one thread, all else for any.
class Spool {
 public:
  /// Takes up what the folder holds, and starts the thread that syncs.
  explicit Spool(SpoolSettings settings);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// The reading is in a file when this returns (a plain write), or in memory while that fails.
  void push(const protocol::Reading& reading);

  /// Waits until a reading waits for delivery; false if `stop` was requested first.
  bool wait_for_reading(const std::stop_token& stop);

  /// Waits until there is a fresh reading, or `time` has passed, or `stop` was requested.
  void wait_for_fresh(const std::stop_token& stop, std::chrono::milliseconds time);

  /// At most `max_readings` of the newest readings and about `max_bytes` of text, oldest of them first, but
  /// always one if there is any. They stay in the spool.
  Batch fresh(std::size_t max_readings, std::size_t max_bytes) const;

  /// The same of the others, oldest first.
  Batch backlog(std::size_t max_readings, std::size_t max_bytes);

  /// Those of the batch leave the spool: delivered, or never to be.
  void acknowledge(const Batch& batch);

  /// What waits could not be delivered: it is to be synced soon, even if no further reading comes.
  void note_undelivered();

  SpoolStatistics statistics() const;

  /// Greatest timestamp of the readings found at the start, or of those delivered last before.
  std::optional<std::int64_t> newest_found() const { return newest_found_; }

  /// Bytes that the latest reading took; 0: there was none yet.
  std::size_t record_bytes() const;

 private:
  using Clock = std::chrono::steady_clock;
  using SegmentPtr = std::shared_ptr<Segment>;
  struct Fresh {
    std::uint64_t sequence;
    std::string json;
    std::string hostname;
  };

  void recover();
  void recover_file(const std::string& path);
  void recover_empty(const std::string& path);
  // push(), with the mutex held
  void store(const protocol::Reading& reading, std::uint64_t sequence);
  void ensure_active();
  void make_room();
  bool drop_oldest(bool file);
  void begin_segment(bool file);
  void disk_failed(const std::exception& error);
  void trim_fresh();
  // with the mutex held
  void settle(std::uint64_t first, std::uint64_t last, std::size_t readings);
  void remove_finished();
  std::optional<BacklogSpan> next_backlog() const;
  void want_sync();
  void keep_synced(const std::stop_token& stop);

  const SpoolSettings settings_;
  std::optional<std::int64_t> newest_found_;

  mutable std::mutex mutex_;
  std::condition_variable_any pushed_;
  std::deque<SegmentPtr> segments_;  ///< in order of sequence; the last is appended to if `active_`
  bool active_ = false;
  std::deque<Fresh> fresh_;
  std::size_t fresh_bytes_ = 0;
  SequenceSet done_;
  std::uint64_t next_sequence_ = 1;
  std::int64_t last_timestamp_ = 0;
  SpoolStatistics statistics_;
  std::uint64_t memory_bytes_ = 0;
  ReadingRecordWriter writer_;
  std::string records_;
  std::size_t record_bytes_ = 0;
  std::optional<Clock::time_point> disk_failed_at_;
  bool overflowing_ = false;

  std::condition_variable_any unsynced_changed_;
  std::optional<Clock::time_point> unsynced_since_;
  bool sync_wanted_ = false;  ///< what is unsynced is not delivered within a tick
  std::vector<SegmentPtr> unsynced_;

  BacklogReader reader_;  ///< of the thread that calls backlog()
  std::jthread syncer_;   ///< last: ends before what it uses goes
};

}  // namespace hostwatch::agent
