#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/storage/packed/host_places.h"
#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/host.h"
#include "server/storage/store.h"
#include "util/shared_mutex.h"

namespace hostwatch::storage::sqlite {

/// The hosts in memory, with their pending readings. One thread, the writer, changes them, under the mutex;
/// any thread reads them under it. The writer reads without: nobody else changes anything.
class HostTable {
 public:
  /// `codec`: of their readings.
  HostTable(ReadingCodec& codec, std::size_t max_hosts)
      : codec_(codec), max_hosts_(max_hosts), places_(max_hosts) {}

  // Any thread; see Store.
  std::vector<std::string> names() const;
  std::vector<HostBrief> hosts_with(std::span<const protocol::Tag> tags) const;
  protocol::HostFacts facts_of(std::string_view hostname) const;
  bool knows(std::string_view hostname) const;
  bool admits(std::string_view hostname) const;
  bool admit(std::string_view hostname, HostComes how, std::int64_t now);
  bool keeps(std::string_view hostname, std::int64_t timestamp) const;
  std::size_t max_hosts() const { return max_hosts_; }
  /// Nothing if there is none of that name (any more).
  std::optional<HostState> state_of(const std::string& hostname) const;
  /// Finds what `values` has besides the host's name; false if there is none of that name (any more).
  bool find_values(HostValues& values) const;
  /// Adds what is counted of hosts and their readings.
  void add_to(StoreStatistics& statistics) const;

  /// What of a host's readings is not filed yet, at a moment.
  struct Moment {
    std::int64_t host = 0;     ///< id; 0: there is none
    std::int64_t filings = 0;  ///< how many there had been: tells whether the database is at the same moment
    std::vector<LooseReading> pending;  ///< of the range, in order of time
  };
  Moment moment(const std::string& hostname, std::int64_t from, std::int64_t to) const;

  // The writer.
  util::SharedMutex& mutex() const RETURN_CAPABILITY(mutex_) { return mutex_; }
  const Hosts& all() const NO_THREAD_SAFETY_ANALYSIS { return hosts_; }
  /// Null: there is none.
  Host* find(std::string_view hostname) const NO_THREAD_SAFETY_ANALYSIS {
    const auto found = hosts_.find(hostname);
    return found == hosts_.end() ? nullptr : found->second.get();
  }
  std::unordered_map<std::int64_t, Host*> by_id() const;
  Hosts& change() REQUIRES(mutex_) { return hosts_; }
  /// Takes the mutex.
  Host& add(std::unique_ptr<Host> host, std::int64_t now);
  /// The id of the next host, and the one after it.
  std::int64_t next_id() const { return next_id_; }
  void set_next_id(std::int64_t id) { next_id_ = id; }

  /// Where the host's history begins from now on.
  void set_kept_from(Host& host, const KeptFrom& from) REQUIRES(mutex_);
  /// Reckons anew from which time on no host has lost any reading; as some begin earlier now.
  void find_latest_kept_from() REQUIRES(mutex_);

  /// Readings that are pending from now on, or no more; and how many there are, with their memory in bytes.
  void count_pending(const PackedByTime& readings) REQUIRES(mutex_);
  void uncount_pending(PackedByTime::const_iterator begin, PackedByTime::const_iterator end) REQUIRES(mutex_);
  void count_pending_anew() REQUIRES(mutex_);
  std::size_t pending_count() const NO_THREAD_SAFETY_ANALYSIS { return pending_count_; }
  std::size_t pending_bytes() const NO_THREAD_SAFETY_ANALYSIS { return pending_bytes_; }
  void set_filings(std::int64_t filings) REQUIRES(mutex_) { filings_ = filings; }
  void note_filing() REQUIRES(mutex_) { ++filings_; }

  /// Counts the hosts that are known for less than a day, and the names that they have brought: now and
  /// then, and when something has changed (count_young_again()). Takes the mutex.
  void count_young(std::int64_t now);
  void count_young_again() { last_counted_young_ = INT64_MIN / 2; }

 private:
  ReadingCodec& codec_;
  const std::size_t max_hosts_;
  HostPlaces places_;
  std::atomic<std::int64_t> latest_kept_from_{0};  ///< of all hosts' readings
  std::int64_t next_id_ = 1;                       ///< the writer's own, as the next
  std::int64_t last_counted_young_ = INT64_MIN / 2;

  mutable util::SharedMutex mutex_;
  Hosts hosts_ GUARDED_BY(mutex_);
  std::size_t young_hosts_ GUARDED_BY(mutex_) = 0;  ///< as last counted, and those that came since
  std::size_t pending_count_ GUARDED_BY(mutex_) = 0;
  std::size_t pending_bytes_ GUARDED_BY(mutex_) = 0;
  std::int64_t filings_ GUARDED_BY(mutex_) = 0;  ///< as in the table `state`: what readers compare
};

}  // namespace hostwatch::storage::sqlite
