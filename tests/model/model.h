#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostwatch::model {

/// The series that made-up hosts have; a reading names them by their place here. The first three stand in
/// every reading.
struct Series {
  std::string_view metric;
  std::string_view instance;
};
inline constexpr auto kSeries = std::to_array<Series>({
    {"cpu", ""},
    {"ram", ""},
    {"disk", ""},
    {"load1", ""},
    {"network_receive_bytes_per_second", "eth0"},
    {"network_receive_bytes_per_second", "lo"},
    {"network_receive_bytes_per_second", "tun0"},
    {"filesystem_used_percent", "/"},
    {"filesystem_used_percent", "/home"},
    {"queue_length", ""},
    {"pressure", ""},
    {"noise", "a"},
    {"noise", "b"},
    {"noise", "c"},
    {"noise", "d"},
    {"noise", "e"},
    {"noise", "f"},
    {"noise", "g"},
    {"noise", "h"},
});

/// A reading: which series, and what it was.
using Reading = std::vector<std::pair<std::size_t, double>>;

/// What becomes of readings that share a row.
struct Aggregate {
  std::uint64_t count = 0;
  long double sum = 0;
  double minimum = std::numeric_limits<double>::infinity();
  double maximum = -std::numeric_limits<double>::infinity();
  void add(double value);
  double average() const { return static_cast<double>(sum / static_cast<long double>(count)); }
};
using Row = std::array<Aggregate, kSeries.size()>;
using Rows = std::map<std::int64_t, Row>;

std::int64_t floor_to(std::int64_t time, std::int64_t step);

/// Where a host's readings, minutes and hours begin that are still told, Unix seconds: before the readings
/// minutes stand for them, before the minutes hours, before the hours nothing.
struct Levels {
  std::int64_t readings = INT64_MIN;
  std::int64_t minutes = INT64_MIN;
  std::int64_t hours = INT64_MIN;
  /// Readings before all that, accepted late, which are given raw until their roll-ups have them.
  std::set<std::int64_t> loose;

  /// When that reading counts in an answer made of roll-ups of `resolution` seconds (0: of none): its own
  /// time, or the beginning of its minute or hour; nothing: it is gone.
  std::optional<std::int64_t> counts_at(std::int64_t time, std::int64_t resolution) const;
};

/// What a server was told and has accepted, and what it has to answer: every answer is made from the
/// readings.
class Model {
 public:
  using History = std::map<std::int64_t, Reading>;  ///< by time
  std::map<std::string, History> hosts;

  /// The rows that a host has from `from` to `to` at that step (0: the raw readings). Those without
  /// a value of any series that somebody asks for are rows, too.
  Rows rows(const std::string& host, const Levels& levels, std::int64_t from, std::int64_t to,
            std::int64_t step) const;
};

/// The roll-ups that answers at a step are made of: docs/storage.md, "Queries".
std::int64_t resolution_of(std::int64_t step);

}  // namespace hostwatch::model
