#include "server/storage/packed/refused_series.h"

#include <algorithm>
#include <utility>

namespace hostwatch::storage {
namespace {

constexpr std::size_t kNamed = 5;

std::string reason(SeriesRefusal why, std::size_t series) {
  switch (why) {
    case SeriesRefusal::hour_is_full:
      return "has brought " + std::to_string(HostSeries::kMostBroughtAnHour) +
             " new names within an hour, and more are not taken before the next";
    case SeriesRefusal::others_come_first:
      return "has brought as many names of series as there is room left for, which is kept for other hosts";
    case SeriesRefusal::new_hosts_wait:
      return "is new, and hosts that are less than a day old have brought as many names of series as are "
             "kept for such";
    case SeriesRefusal::file_is_full:
      return "may bring no more names of series, which take as much of --max-database-size as is for them";
    case SeriesRefusal::host_is_full:
      break;
  }
  return "has " + std::to_string(series) + " series, and more are not taken";
}

}  // namespace

void RefusedSeries::add(const protocol::Layout::Series& series, SeriesRefusal why) {
  if (count_++ == 0) why_ = why;
  if (names_.size() < kNamed)
    names_.push_back(std::string(series.metric) + "{" + std::string(series.instance) + "}");
}

std::string RefusedSeries::text(std::string_view hostname, std::size_t series) const {
  std::string names;
  for (const std::string& name : names_) names += (names.empty() ? "" : ", ") + name;
  return "host '" + std::string(hostname) + "' " + reason(why_, series) + ": " + std::to_string(count_) +
         " more, the first are " + names;
}

void note_refused(const protocol::Layout::Series& series, AppendResult& result) {
  std::vector<std::string>& names = result.refused_series;
  if (names.size() >= AppendResult::kMostRefusedSeries) return;
  std::string name(series.metric);
  if (!series.instance.empty()) name.append("{").append(series.instance).append("}");
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

}  // namespace hostwatch::storage
