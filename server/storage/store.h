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

#include "protocol/reading.h"

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

/// One value of a stored reading: which of the wanted series, and what it was.
struct StoredValue {
  std::uint32_t series;
  double value;
};

/// A series that a query meets: what StoredValue::series stands for.
struct SeriesName {
  std::string metric;
  std::string instance;
};

/// Which readings of one host to read.
struct ReadRequest {
  std::string hostname;
  std::int64_t from = 0;  ///< first timestamp, inclusive
  std::int64_t to = 0;    ///< last timestamp, inclusive
  bool all_metrics = false;
  std::vector<std::string> metrics;  ///< names wanted if not all
};

/// Called for each reading, oldest first; false ends the reading early.
using ReadingVisitor = std::function<bool(std::int64_t timestamp, std::span<const StoredValue> values)>;

/// Counters and sizes for /metrics and /health.
struct StoreStatistics {
  std::uint64_t hosts = 0;
  std::uint64_t series = 0;
  std::uint64_t database_bytes = 0;
  std::uint64_t pending_readings = 0;  ///< durable, not yet filed under their hosts
  std::uint64_t pending_bytes = 0;     ///< their memory
};

/// Keeps readings. One thread writes (append, forget_host, clean_host, maintain, probe); any number of
/// threads read at the same time (the const members), and see what was appended once append() has returned.
class Store {
 public:
  virtual ~Store() = default;

  /// Stores all readings of all requests, as one transaction: when it returns they are on disk. A reading
  /// whose (hostname, timestamp) is there already, or comes twice, is stored once. Result i belongs to
  /// request i. `now`: the server's clock, Unix seconds. Throws StoreError: then nothing was stored.
  virtual std::vector<AppendResult> append(std::span<const std::span<const protocol::Reading>> requests,
                                           std::int64_t now) = 0;

  /// Forgets the host and its history, or only its history; durable on return. False if there is no such
  /// host.
  virtual bool forget_host(std::string_view hostname) = 0;
  virtual bool clean_host(std::string_view hostname, std::int64_t now) = 0;

  /// Does one small piece of what is due (filing, retention); true if there is more to do now. Throws
  /// StoreError.
  virtual bool maintain(std::int64_t now) = 0;

  /// Tries whether the database can be written; throws StoreError if not.
  virtual void probe() = 0;

  /// Every host, by name.
  virtual std::vector<HostState> hosts() const = 0;
  virtual std::vector<std::string> host_names() const = 0;

  /// Oldest readings that are kept (and accepted), given the present.
  virtual std::int64_t earliest_kept(std::int64_t now) const = 0;

  /// How many readings the host has in the range; stops counting at `limit`.
  virtual std::uint64_t count(std::string_view hostname, std::int64_t from, std::int64_t to,
                              std::uint64_t limit) const = 0;

  /// Reads a host's readings in order of time. An unknown host has none. Throws StoreError.
  virtual void read(const ReadRequest& request, const ReadingVisitor& visit) const = 0;

  /// The names behind StoredValue::series.
  virtual SeriesName series_name(std::uint32_t series) const = 0;

  /// False for a host that is not known when no more can be taken. Asked at the edge, before append().
  virtual bool admits(std::string_view hostname) const = 0;

  virtual StoreStatistics statistics() const = 0;
};

/// The three values every reading has are series of their own, always with these numbers.
inline constexpr std::uint32_t kCpuSeries = 1;
inline constexpr std::uint32_t kRamSeries = 2;
inline constexpr std::uint32_t kDiskSeries = 3;

}  // namespace hostwatch::storage
