#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/query/answer_budget.h"
#include "server/query/selection.h"
#include "server/query/steps.h"
#include "server/storage/store.h"

namespace hostwatch::query {

/// Which history is asked for.
struct HistoryRequest : Selection {
  std::optional<std::int64_t> step;  ///< seconds a bucket; 0: the raw readings; none: by `points`
  std::int64_t points = 500;         ///< rows a host at most, when the step is not given
  bool all_metrics = false;
  std::vector<std::string> metrics;  ///< names wanted if not all; cpu, ram and disk are names like others
  bool extremes = true;              ///< minimum and maximum are wanted too; else they are the average
};

/// One series of a host over the times of its HostHistory; it has a value at one of them at least. A value is
/// finite; NaN where there is none, or where an average would be beyond a double.
struct SeriesHistory {
  std::string metric;
  std::string instance;
  std::vector<double> average;
  std::vector<double> minimum;  ///< empty: as the average
  std::vector<double> maximum;  ///< empty: as the average

  const std::vector<double>& minima() const { return minimum.empty() ? average : minimum; }
  const std::vector<double>& maxima() const { return maximum.empty() ? average : maximum; }
};

/// One host's rows: `timestamps` ascending (the start of each bucket, or the readings' own), and parallel
/// values.
struct HostHistory {
  std::string hostname;
  std::vector<std::int64_t> timestamps;
  std::vector<SeriesHistory> series;  ///< by catalogue order, then by name

  /// The series of a metric without instances; null if there is none.
  const SeriesHistory* find(std::string_view metric) const;
};

struct History {
  std::int64_t step = 0;  ///< what was used; 0: raw readings
  std::vector<HostHistory> hosts;
  std::size_t rows() const;
};

/// Reads and aggregates, long steps from roll-ups: then what counts at the ends of the range are whole
/// minutes or hours. Where readings are no longer kept, the roll-ups that are serve shorter steps too.
/// Without a step: the raw readings if no host has more than `points` of them in the range, else
/// buckets of a round step. Buckets begin at multiples of the step; each holds the average, minimum and
/// maximum of its readings; buckets without readings are left out, so that gaps stay gaps. An unknown host
/// has no rows. Throws HistoryTooLarge, AnswerUnwanted, StoreError.
History read_history(const storage::Store& store, HistoryRequest request, AnswerBudget& budget);
History read_history(const storage::Store& store, HistoryRequest request, const HistoryLimits& limits);

/// The same host by host, in the order that they are asked for: each is given back before the next is read,
/// so that they are not in memory together. Hosts without rows are left out.
void read_hosts(const storage::Store& store, HistoryRequest request, AnswerBudget& budget,
                const std::function<void(const HostHistory&)>& visit);

}  // namespace hostwatch::query
