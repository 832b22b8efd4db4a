#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/ingest/agent_registry.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// What GET /metrics says of the hosts, in the text exposition format of Prometheus (version 0.0.4). In it
/// all lines of a metric stand together, while hosts come with all of their metrics: they are gathered as
/// numbers, with names once for all hosts that have the same series, and written metric by metric. Not
/// thread-safe.
class HostFamilies {
 public:
  /// As storage::Store::series_name().
  using NameOf = std::function<storage::SeriesName(std::uint32_t series)>;

  HostFamilies() = default;
  HostFamilies(const HostFamilies&) = delete;
  HostFamilies& operator=(const HostFamilies&) = delete;

  /// The next host, in the order of lines. `agents`: what is known of its agents, or null.
  void add(const storage::HostValues& host, bool is_up, const ingest::HostAgents* agents,
           const NameOf& name_of);

  /// About how many bytes of memory it takes.
  std::size_t memory() const { return memory_; }

  /// Each metric that some host has, with its number.
  const std::map<std::string, std::uint32_t>& families() const { return family_numbers_; }

  /// Writes one metric at a time, in pieces. Refers to what was gathered, to which nothing is added any more.
  class Writer {
   public:
    explicit Writer(const HostFamilies& gathered) : gathered_(gathered) {}

    /// Begins a metric.
    void begin(std::uint32_t family);
    /// Appends lines until `out` has as many bytes; false once the metric's last has been appended.
    bool write(std::string& out, std::size_t bytes);

   private:
    /// A host that has the metric, and which of the metric's uses or own values is its.
    struct Entry {
      std::uint32_t host;
      std::uint32_t index;
    };
    void write_host(std::string& out, Entry entry);
    void write_line(std::string& out, std::uint32_t host, std::string_view labels, double value);

    const HostFamilies& gathered_;
    std::uint32_t family_ = 0;
    std::vector<Entry> entries_;  ///< in order of hosts
    std::size_t at_ = 0;
    bool has_head_ = false;
  };

 private:
  /// The values of a layout that are of one metric: so many of its places.
  struct Use {
    std::uint32_t layout;
    std::uint32_t first;
    std::uint32_t count;
  };
  struct OwnValue {
    std::uint32_t host;
    double value;
  };
  struct Family {
    std::string name;
    std::string_view help;
    std::vector<Use> uses;
    std::vector<OwnValue> own;  ///< of metrics that are not in readings
  };
  struct Series {
    std::uint32_t family;
    std::string labels;  ///< behind the host's
  };
  struct Place {
    std::uint32_t series;
    std::uint32_t position;  ///< in the host's values
  };
  /// Of hosts whose readings have the same series.
  struct Layout {
    std::vector<std::uint32_t> numbers;  ///< of the series, as the store has them, in order of the values
    std::vector<Place> places;           ///< by metric
    std::vector<std::uint32_t> hosts;    ///< ascending
  };
  struct Host {
    std::string labels;
    std::vector<double> values;
  };

  void add_own(std::string_view name, std::string_view help, std::uint32_t host, double value);
  std::uint32_t family_of(const std::string& name, std::string_view help);
  std::uint32_t series_of(std::uint32_t number, const NameOf& name_of);
  std::uint32_t layout_of(std::span<const storage::StoredValue> values, const NameOf& name_of);
  std::uint32_t add_layout(std::span<const storage::StoredValue> values, const NameOf& name_of);

  std::deque<Host> hosts_;
  std::deque<Family> families_;
  std::map<std::string, std::uint32_t> family_numbers_;
  std::deque<Series> series_;
  std::unordered_map<std::uint32_t, std::uint32_t> series_numbers_;  ///< by the store's numbers
  std::deque<Layout> layouts_;
  std::unordered_multimap<std::size_t, std::uint32_t> layout_numbers_;  ///< by hash
  std::uint32_t last_layout_ = 0;
  std::size_t memory_ = 0;
};

}  // namespace hostwatch::api
