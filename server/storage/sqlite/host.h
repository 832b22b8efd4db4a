#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/reading.h"
#include "server/storage/packed/host_series.h"
#include "server/storage/packed/series_dictionary.h"
#include "server/storage/sqlite/chunks/history_reader.h"
#include "server/storage/sqlite/chunks/tail.h"

namespace hostwatch::storage::sqlite {

using PackedByTime = std::map<std::int64_t, SharedPacked>;

/// Where a host's history begins that has lost some; 0: it has not. What is older goes, or has gone.
struct KeptFrom {
  std::int64_t reading = 0;  ///< older ones are not taken any more: what they would be in is gone
  std::int64_t minute = 0;
  std::int64_t hour = 0;
};

/// A host in memory. The writing thread alone changes it; the first part under HostTable's mutex, as any
/// thread reads it under that.
struct Host {
  std::int64_t id = 0;
  std::string name;
  std::int64_t first_seen = 0;
  std::int64_t known_since = 0;         ///< the server's clock; 0: long ago, or imported
  std::int64_t last_seen = INT64_MIN;   ///< greatest timestamp ever accepted, also of readings that are gone
  std::int64_t facts_time = INT64_MIN;  ///< timestamp of the reading that the facts came with
  std::int64_t newest = INT64_MIN;      ///< greatest timestamp accepted
  std::int64_t newest_filed = INT64_MIN;  ///< greatest timestamp in the tail and the chunks
  std::int64_t last_heard = 0;
  std::int64_t observed_interval = 0;
  std::uint64_t backfilled = 0;  ///< see HostState
  protocol::HostFacts facts;
  /// Less than a day by the server's clock: what readings say of the time makes no host older.
  bool is_young(std::int64_t now) const { return now >= known_since && now - known_since < kDay; }
  /// The agent's own, else observed; 0: not known.
  std::int64_t interval() const {
    return facts.interval_seconds != 0 ? facts.interval_seconds : observed_interval;
  }
  SharedPacked latest;  ///< reading at `newest`; null: none
  KeptFrom kept_from;
  PackedByTime pending;          ///< durable in the journal, not yet filed
  bool is_new = false;           ///< created by the transaction under way
  std::int64_t uncompacted = 0;  ///< readings in the tail
  std::int64_t put_off_for = 0;  ///< seconds; 0: the last piece of its upkeep went well

  // The writer's alone: no other thread reads them.
  PackedByTime staged;  ///< in the transaction under way
  const protocol::HostFacts* staged_facts = nullptr;
  std::size_t touched_place = 0;  ///< among the hosts that the transaction under way touches
  HostSeries series;
  std::vector<TailRow> filed_rows;  ///< in the transaction of filing under way
  bool awaits_compaction = false;   ///< it is in CompactionQueue
  bool may_be_compacted = false;    ///< it is in CompactionQueue's list for when there is nothing else to do
  bool told_of_refusals = false;
  std::vector<TailRow> tail;        ///< if tail_known
  bool tail_known = true;           ///< false after a start, until it is needed
  std::int64_t next_tail = 0;       ///< number of its next row
  std::int64_t compact_before = 0;  ///< readings of the tail that are older wait for no more to come
  bool compacts_all = false;        ///< nothing of its tail waits, until it is empty
  bool is_compared = true;          ///< its newest reading, with its chunks: see Bookkeeping
  std::int64_t put_off_until = 0;   ///< steady seconds: until then nothing of it is compacted
  std::int64_t chunk_rows = 0;      ///< of the chunk that was last compacted into
  std::int64_t leaf_period = kDay;  ///< its length
};

using Hosts = std::unordered_map<std::string, std::unique_ptr<Host>, util::TextHash, std::equal_to<>>;

}  // namespace hostwatch::storage::sqlite
