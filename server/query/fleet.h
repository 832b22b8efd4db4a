#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/query/answer_budget.h"
#include "server/query/selection.h"
#include "server/storage/store.h"

namespace hostwatch::query {

/// How the instances of a host's metric become one value.
enum class Combine : std::uint8_t { sum, highest };

/// "sum", "highest": as the HTTP API says it.
std::string_view to_string(Combine combine);

/// What a metric is combined by if nothing else is asked for: the sum where values add up to something
/// (bytes, rates, counts, and what the catalogue does not know), the highest of percentages and times.
Combine usual_combine(std::string_view metric);

/// By what hosts are ordered for FleetRequest::top.
enum class FleetOrder : std::uint8_t { average, maximum };

/// Which values of which hosts are asked for.
struct FleetRequest : Selection {
  std::string metric;
  std::optional<std::string> instance;  ///< this one alone; none: a host's instances are combined
  std::optional<Combine> combine;       ///< none: as usual_combine() says
  std::optional<std::int64_t> step;     ///< seconds a bucket, or longer; none: by `points`
  std::int64_t points = 300;            ///< buckets at most, when the step is not given
  std::size_t top = 0;                  ///< how many of the highest hosts to name
  FleetOrder by = FleetOrder::average;
};

/// One bucket: over the hosts that have a value in it, each counted once with its average there.
struct FleetBucket {
  std::int64_t timestamp = 0;  ///< its beginning, a multiple of the step
  std::size_t count = 0;       ///< hosts; at least 1
  double minimum = 0;          ///< the lowest host's average
  double median = 0;           ///< as quantile() says
  double p95 = 0;
  double maximum = 0;  ///< the highest host's average
};

/// One of the highest hosts.
struct FleetHost {
  std::string hostname;
  double average = 0;  ///< over its buckets
  double maximum = 0;  ///< of its readings; of a sum of several instances: its highest bucket
};

/// How the values of a metric are spread over hosts. A host's average that would be beyond a double is no
/// value; FleetHost::average may be infinite where hosts sent values beyond what is accepted now.
struct Fleet {
  Combine combine = Combine::sum;    ///< what was used
  std::int64_t step = 1;             ///< what was used; at least 1
  std::size_t hosts = 0;             ///< that have any value in the range
  std::vector<FleetBucket> buckets;  ///< ascending; those without values are left out
  std::vector<FleetHost> top;        ///< highest first; of equal ones by name
};

/// The value below which a share `q` (0 to 1) of the values lies, by linear interpolation between the two
/// nearest ones, as SQL's PERCENTILE_CONT: with n values, the one at q * (n - 1), counted from 0. `ascending`
/// must not be empty. Pure.
double quantile(const std::vector<double>& ascending, double q);

/// Reads host by host; one value a host and bucket is kept. The step is at least the interval at which 95 %
/// of the hosts report, so that those are in each bucket, and so long that all of it fits into the limits
/// unless it is given. A sum over interfaces or disks counts each byte once, as counted_once() says by what
/// the host tells now. No host, or none that has the metric: an answer without buckets. Thread-safe as the
/// store is. Throws HistoryTooLarge, AnswerUnwanted, StoreError.
Fleet read_fleet(const storage::Store& store, const FleetRequest& request, AnswerBudget& budget);
Fleet read_fleet(const storage::Store& store, const FleetRequest& request, const HistoryLimits& limits);

}  // namespace hostwatch::query
