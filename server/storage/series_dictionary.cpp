#include "server/storage/series_dictionary.h"

#include "protocol/catalogue.h"
#include "protocol/varint.h"

namespace hostwatch::storage {
using protocol::put_varint;
using protocol::take_varint;

SeriesDictionary::SeriesDictionary() {
  for (const std::string_view metric : {"cpu", "ram", "disk"}) {
    add(metric, "", protocol::find_metric(metric)->decimals);
  }
}

std::uint32_t SeriesDictionary::find(std::string_view metric, std::string_view instance) const {
  const auto instances = numbers_.find(metric);
  if (instances == numbers_.end()) return 0;
  const auto number = instances->second.find(instance);
  return number == instances->second.end() ? 0 : number->second;
}

std::uint32_t SeriesDictionary::add(std::string_view metric, std::string_view instance, int decimals) {
  entries_.push_back({{std::string(metric), std::string(instance)}, decimals});
  const auto number = static_cast<std::uint32_t>(entries_.size());
  numbers_[std::string(metric)].emplace(instance, number);
  return number;
}

void SeriesDictionary::shrink_to(std::size_t count) {
  while (entries_.size() > count) {
    const SeriesName& name = entries_.back().name;
    numbers_[name.metric].erase(name.instance);
    entries_.pop_back();
  }
}

std::uint32_t LayoutDictionary::find(std::string_view packed_series) const {
  const auto found = numbers_.find(packed_series);
  return found == numbers_.end() ? 0 : found->second;
}

std::uint32_t LayoutDictionary::add(std::string packed_series) {
  series_.push_back(unpack_series(packed_series));
  packed_.push_back(packed_series);
  const auto number = static_cast<std::uint32_t>(series_.size());
  numbers_.emplace(std::move(packed_series), number);
  return number;
}

void LayoutDictionary::shrink_to(std::size_t count) {
  while (series_.size() > count) {
    numbers_.erase(packed_.back());
    packed_.pop_back();
    series_.pop_back();
  }
}

std::string pack_series(const std::vector<std::uint32_t>& ascending) {
  std::string bytes;
  std::uint32_t previous = 0;
  for (const std::uint32_t series : ascending) {
    put_varint(bytes, series - previous);
    previous = series;
  }
  return bytes;
}

std::vector<std::uint32_t> unpack_series(std::string_view bytes) {
  std::vector<std::uint32_t> result;
  std::uint64_t previous = 0;
  while (!bytes.empty()) {
    const auto difference = take_varint(bytes);
    if (!difference || *difference == 0 || previous + *difference > UINT32_MAX) {
      throw StoreError("the database is damaged: a list of series cannot be read");
    }
    previous += *difference;
    result.push_back(static_cast<std::uint32_t>(previous));
  }
  return result;
}

}  // namespace hostwatch::storage
