#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "tests/model/model.h"
#include "tests/model/subject.h"

namespace hostwatch::model {

/// The server's answer is not the model's.
class Difference : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Times before which a level may be gone, by what was ever due: the greatest now - retention there was.
struct Allowed {
  std::int64_t readings = INT64_MIN;
  std::int64_t minutes = INT64_MIN;
  std::int64_t hours = INT64_MIN;
};

/// Holds answers against the model. What is exact and what is not:
/// - minima and maxima are exact;
/// - averages of the catalogue's metrics are rounded to a digit more than readings have: half a unit of that
/// digit;
///   other averages and sums to 1e-9 of the largest value in them, as the order of adding bears on the last
///   bits;
/// - where a range begins or ends within a minute (an hour) and the step is made of minutes (hours), the rows
/// that
///   its ends lie in may have all, some or none of that minute's (hour's) readings;
/// - which level a time has is learnt from the answers over all time (learn()), and then binds all others.
class Comparison {
 public:
  Comparison(Subject& subject, const Model& model) : subject_(subject), model_(model) {}

  /// Learns from answers over all time where the host's levels begin, and holds those answers against the
  /// model. No level may begin later than `allowed`, or later than a finer one. Throws Difference.
  void learn(const std::string& host, const Allowed& allowed);

  /// The same for one question, of hosts that were learnt. Throws Difference.
  void compare(const query::HistoryRequest& request, const std::string& format) const;
  void compare(const query::FleetRequest& request) const;

  /// What is exported are the readings that are given raw. Throws Difference.
  void compare_export(const Allowed& allowed) const;

  const std::map<std::string, Levels>& levels() const { return levels_; }

 private:
  query::HistoryRequest all_of(const std::string& host, std::int64_t step) const;
  void compare_host(const query::HistoryRequest& request, std::int64_t step, const std::string& host,
                    const query::HostHistory* got, bool has_only_values = false) const;
  const Levels& levels_of(const std::string& host) const;

  Subject& subject_;
  const Model& model_;
  std::map<std::string, Levels> levels_;
  Allowed allowed_;
};

/// Rows that a range that begins or ends within a roll-up may have in part.
std::set<std::int64_t> rows_at_the_ends(const query::Selection& selection, std::int64_t step);

/// A question as it can be asked again.
std::string to_string(const query::HistoryRequest& request);
std::string to_string(const query::FleetRequest& request);

}  // namespace hostwatch::model
