#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/received_reading.h"
#include "server/storage/column.h"

namespace hostwatch::storage {

/// The database cannot do what was asked: full or broken disk, locked, damaged. The text is for the operator.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What became of the readings of one request.
struct AppendResult {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;  ///< (hostname, timestamp) was there already; conflicts are among them
  std::uint64_t conflicts = 0;   ///< was there with other values: the first stays
  std::uint64_t lost = 0;  ///< not stored: of a time that its host lost after the edge had asked keeps()
  std::vector<std::string> conflicting = {};  ///< the hosts of the conflicts; one may be there several times
  /// Series for whose names there was no room, so that their values were left out of readings: the first
  /// kMostRefusedSeries, each once, as metric{instance}.
  std::vector<std::string> refused_series = {};
  static constexpr std::size_t kMostRefusedSeries = 20;
};

/// A host as the store knows it.
struct HostState {
  std::string name;
  std::int64_t first_seen = 0;  ///< smallest timestamp ever accepted, Unix seconds
  std::int64_t last_seen = 0;   ///< greatest timestamp ever accepted
  std::int64_t last_heard =
      0;  ///< the server's clock when a reading was last accepted; after a start: last_seen
  std::int64_t interval = 0;  ///< seconds between readings: as the agent says, else as observed; 0: not known
  std::uint64_t backfilled = 0;  ///< readings accepted since the start that were older than its newest
  protocol::HostFacts facts;
  std::optional<protocol::Reading>
      latest;  ///< with the greatest timestamp; none after its history was cleaned
};

/// False ends the telling early.
using HostVisitor = std::function<bool(const HostState& host)>;

/// One value of a stored reading: which of the wanted series, and what it was.
struct StoredValue {
  std::uint32_t series;
  double value;
};

/// A host's latest reading as numbers, for answers that have all of every host: no name of a series is
/// copied.
struct HostValues {
  std::string name;
  std::int64_t last_heard = 0;      ///< as HostState's
  std::int64_t interval = 0;        ///< likewise
  std::vector<StoredValue> values;  ///< cpu, ram and disk among them, ascending by series; empty: none
};

/// False ends the telling early.
using ValuesVisitor = std::function<bool(const HostValues& host)>;

/// What choosing hosts takes, without their readings.
struct HostBrief {
  std::string name;
  std::int64_t interval = 0;   ///< as HostState's
  std::int64_t last_seen = 0;  ///< likewise
};

/// A series that a query meets: what StoredValue::series stands for.
struct SeriesName {
  std::string metric;
  std::string instance;
};

/// Which part of one host's history to read.
struct ReadRequest {
  std::string hostname;
  std::int64_t from = 0;  ///< first timestamp, inclusive
  std::int64_t to = 0;    ///< last timestamp, inclusive
  bool all_metrics = false;
  std::vector<std::string> metrics;  ///< names wanted if not all
  /// Roll-ups of at most so many seconds will do where they are at hand: 0 (none), kMinute or kHour. At the
  /// ends of the range those count whose beginning lies in it.
  std::int64_t resolution = 0;
  bool extremes = true;  ///< minima and maxima of roll-ups are wanted too
};

/// A piece of a host's history. Each reading is in one part alone; parts come in any order and may overlap in
/// time.
struct HistoryPart {
  std::int64_t step = 0;     ///< 0: raw readings, columns by series; else roll-ups by roll_up_column()
  const ColumnTable& table;  ///< the wanted columns; the times also of rows that have none of them
};

/// False ends the reading early.
using PartVisitor = std::function<bool(const HistoryPart& part)>;

/// How long history is kept, seconds.
struct Retention {
  std::int64_t readings = 30 * 86400;   ///< raw, as agents sent them
  std::int64_t minutes = 365 * 86400;   ///< roll-ups; at least as long as readings
  std::int64_t hours = 3650LL * 86400;  ///< at least as long as minutes
};

/// A figure that only one kind of store has, for /metrics.
struct StoreDetail {
  const char* name;  ///< of the metric, after hostwatch_server_
  const char* help;
  double value;
};

/// Counters and sizes for /metrics and /health.
struct StoreStatistics {
  std::uint64_t hosts = 0;
  std::uint64_t series = 0;        ///< names that some history has
  std::uint64_t series_limit = 0;  ///< how many there can be; 0: not bounded
  std::uint64_t database_bytes = 0;
  std::uint64_t pending_readings = 0;  ///< durable, not yet filed under their hosts
  std::uint64_t pending_bytes = 0;     ///< their memory
  std::uint64_t used_bytes = 0;        ///< of the database's, that hold something
  std::uint64_t free_bytes = 0;      ///< of the database's, to be used again or given back to the file system
  std::uint64_t limit_bytes = 0;     ///< what it may hold; 0: as much as comes
  double bytes_per_day = 0;          ///< how fast used_bytes has been growing of late; 0 until that is known
  std::uint64_t damaged_hosts = 0;   ///< whose upkeep waits, since their rows cannot be worked on
  std::uint64_t damaged_chunks = 0;  ///< found since the start, or kept apart before
  std::uint64_t refused_series =
      0;  ///< samples left out as their host has, or brings, too many series; since the start
  std::int64_t oldest = INT64_MAX;  ///< where the history begins, Unix seconds; INT64_MAX: there is none
  std::int64_t oldest_reading = INT64_MAX;  ///< where raw readings begin
  std::vector<StoreDetail> details;
};

/// By what right readings of a host come that is not known.
enum class HostComes : std::uint8_t {
  authenticated,  ///< by a token of its own, or from somebody who may do anything
  by_anyone       ///< by a token that is for no one host, which may make up as many as it likes
};

class AlertStore;

/// Keeps readings. One thread writes (append, delete_host, delete_history, maintain, probe); any number of
/// threads read at the same time (the const members), and see what was appended once append() has returned.
class Store {
 public:
  virtual ~Store() = default;

  /// Stores all readings of all requests, as one transaction: when it returns they are on disk. A reading
  /// whose (hostname, timestamp) is there already, or comes twice, is stored once. Result i belongs to
  /// request i. `now`: the server's clock, Unix seconds. Throws StoreError: then nothing was stored.
  virtual std::vector<AppendResult> append(
      std::span<const std::span<const protocol::ReceivedReading>> requests, std::int64_t now) = 0;

  /// Forgets the host and its history, or only its history; durable on return. False if there is no such
  /// host.
  virtual bool delete_host(std::string_view hostname) = 0;
  virtual bool delete_history(std::string_view hostname, std::int64_t now) = 0;

  /// Does one small piece of what is due (filing, compaction, retention); true if there is more to do now.
  /// What is deleted by age goes by SettledClock. Throws StoreError.
  virtual bool maintain(std::int64_t now) = 0;

  /// Tries whether the database can be written; throws StoreError if not.
  virtual void probe() = 0;

  /// Every host, by name; each as it is when its turn comes, so that they are never all in memory.
  virtual void visit_hosts(const HostVisitor& visit) const = 0;
  /// The same with their latest values alone; series_name() tells what they are of.
  virtual void visit_values(const ValuesVisitor& visit) const = 0;
  /// Every host as a list, where there are few.
  std::vector<HostState> hosts() const;
  virtual std::vector<std::string> host_names() const = 0;

  /// The hosts that have, of each key that is named, one of its values; by name. Without tags every host.
  virtual std::vector<HostBrief> hosts_with(std::span<const protocol::Tag> tags) const = 0;

  /// What the host said of itself last; nothing is known of one that is not known.
  virtual protocol::HostFacts facts_of(std::string_view hostname) const = 0;

  /// Oldest raw readings that are kept (and accepted), given the present.
  virtual std::int64_t earliest_kept(std::int64_t now) const = 0;

  /// Oldest history that is kept in any form.
  virtual std::int64_t earliest_history(std::int64_t now) const = 0;

  /// How many readings the host has in the range; stops counting at `limit`.
  virtual std::uint64_t count(std::string_view hostname, std::int64_t from, std::int64_t to,
                              std::uint64_t limit) const = 0;

  /// Reads a part of a host's history, as of one moment. An unknown host has none. What is damaged is passed
  /// over and counted. Throws StoreError.
  virtual void read(const ReadRequest& request, const PartVisitor& visit) const = 0;

  /// The names behind StoredValue::series.
  virtual SeriesName series_name(std::uint32_t series) const = 0;

  /// False for a host that is not known when no more can be taken.
  virtual bool admits(std::string_view hostname) const = 0;

  /// Asked at the edge, before append(), by any thread: takes a place for a host that is not known, which is
  /// kept for a minute or two. False: there is none for hosts that come so. `now`: the server's clock, Unix
  /// seconds.
  virtual bool admit(std::string_view hostname, HostComes how, std::int64_t now) = 0;

  /// False for a reading of a time whose readings the host has lost, by age or to save space: it could not be
  /// told whether it was there. Asked at the edge, before append().
  virtual bool keeps(std::string_view hostname, std::int64_t timestamp) const = 0;
  /// Whether there is such a host, and how many there can be.
  virtual bool knows(std::string_view hostname) const = 0;
  virtual std::size_t max_hosts() const = 0;

  virtual StoreStatistics statistics() const = 0;

  /// The part that keeps alarms, see alert_store.h.
  virtual AlertStore& alerts() = 0;
  virtual const AlertStore& alerts() const = 0;
};

inline std::vector<HostState> Store::hosts() const {
  std::vector<HostState> hosts;
  visit_hosts([&](const HostState& host) {
    hosts.push_back(host);
    return true;
  });
  return hosts;
}

/// What readings of a host are refused with that is not admitted.
inline constexpr const char* kNoMoreHosts =
    "hostname is not known, and no more hosts can be watched; delete some";

/// And of one that comes by a token that is for no one host, while there is room for others.
inline constexpr const char* kTooManyNewHosts =
    "hostname is not known, and too many new hosts have come within a day by tokens that are for no one "
    "host; give it a token of its own, or try again tomorrow";

/// What readings are refused with that are not kept (Store::keeps()).
inline constexpr const char* kTimeWasDeleted =
    "timestamp is of a time whose readings were deleted (--retention, --max-database-size)";

/// The three values every reading has are series of their own, always with these numbers.
inline constexpr std::uint32_t kCpuSeries = 1;
inline constexpr std::uint32_t kRamSeries = 2;
inline constexpr std::uint32_t kDiskSeries = 3;

}  // namespace hostwatch::storage
