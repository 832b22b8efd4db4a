#include "server/storage/packed/host_series.h"

#include <algorithm>

#include "server/storage/store.h"
#include "util/text/varint.h"

namespace hostwatch::storage {
using util::put_varint;
using util::take_varint;

bool HostSeries::admit(std::uint32_t series, std::uint32_t day) {
  const auto before = [](const Entry& entry, std::uint32_t wanted) { return entry.series < wanted; };
  auto at = std::lower_bound(series_.begin(), series_.end(), series, before);
  if (at != series_.end() && at->series == series) {
    at->day = day;
    return true;
  }
  if (series_.size() >= kMost) {
    make_room(day);
    if (series_.size() >= kMost) return false;
    at = std::lower_bound(series_.begin(), series_.end(), series, before);
  }
  series_.insert(at, {series, day});
  return true;
}

/// A day that is still to come is from before the clock was set back.
void HostSeries::make_room(std::uint32_t day) {
  std::erase_if(series_, [day](const Entry& entry) {
    return entry.day + kForgottenAfterDays < day || entry.day > day + kForgottenAfterDays;
  });
}

void HostSeries::note_brought(std::uint32_t hour) {
  brought_ = brought_in(hour) + 1;
  hour_ = hour;
}

void HostSeries::set_met(std::uint32_t layout, std::uint32_t day) {
  const auto known =
      std::find_if(met_.begin(), met_.end() - 1, [&](const MetLayout& one) { return one.layout == layout; });
  std::move_backward(met_.begin(), known, known + 1);
  met_.front() = {layout, day};
}

void HostSeries::shrink_to(std::uint32_t greatest) {
  const std::size_t taken_back =
      std::erase_if(series_, [greatest](const Entry& entry) { return entry.series > greatest; });
  brought_ -= std::min(brought_, taken_back);  // they may be tried again
  met_ = {};
}

std::string HostSeries::pack() const {
  std::string bytes;
  std::uint32_t before = 0;
  for (const Entry& entry : series_) {
    put_varint(bytes, entry.series - before);
    put_varint(bytes, entry.day);
    before = entry.series;
  }
  return bytes;
}

HostSeries HostSeries::unpack(std::string_view bytes) {
  HostSeries result;
  std::uint64_t series = 0;
  while (!bytes.empty()) {
    const auto difference = take_varint(bytes);
    const auto day = take_varint(bytes);
    if (!difference || !day || *difference > UINT32_MAX || *day > UINT32_MAX ||
        series + *difference > UINT32_MAX) {
      throw StoreError("the database is damaged: a host's list of series cannot be read");
    }
    series += *difference;
    result.series_.push_back({static_cast<std::uint32_t>(series), static_cast<std::uint32_t>(*day)});
  }
  return result;
}

}  // namespace hostwatch::storage
