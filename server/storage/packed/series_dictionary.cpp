#include "server/storage/packed/series_dictionary.h"

#include <algorithm>

#include "protocol/catalogue.h"
#include "util/text/varint.h"

namespace hostwatch::storage {
using util::put_varint;
using util::take_varint;

namespace {

/// Drops those numbers of `retired` whose time has come from `entries`. A clock that was set back ends the
/// time, too.
template <typename Entries>
void drop_due(std::vector<std::pair<std::int64_t, std::uint32_t>>& retired, Entries& entries,
              std::int64_t now) noexcept {
  std::erase_if(retired, [&](const auto& one) {
    if (now >= one.first && now - one.first < SeriesDictionary::kRetiredSeconds) return false;
    entries.erase(one.second);
    return true;
  });
}

std::size_t bytes_of(const SeriesEntry& entry) {
  return bytes_in_file(entry.name.metric.size() + entry.name.instance.size());
}

}  // namespace

/// Measured (dbstat): an entry is in the table, which is full, and in the index, whose pages are three
/// fourths full where entries come in any order. What is longer than a fourth of a page has another one
/// there.
std::size_t bytes_in_file(std::size_t length) {
  constexpr std::size_t kLongest = 1000;
  return length * 9 / 4 + 24 + (length > kLongest ? 3300 : 0);
}

SeriesDictionary::SeriesDictionary() {
  for (const std::string_view metric : protocol::kBasicMetrics) {
    add(metric, "", protocol::find_metric(metric)->decimals);
  }
}

PackedSeries SeriesDictionary::find(std::string_view metric, std::string_view instance) const {
  const auto instances = numbers_.find(metric);
  if (instances == numbers_.end()) return {};
  const auto known = instances->second.find(instance);
  return known == instances->second.end() ? PackedSeries{} : known->second;
}

std::uint32_t SeriesDictionary::add(std::string_view metric, std::string_view instance, int decimals,
                                    std::int64_t host) {
  put(last_ + 1, {{std::string(metric), std::string(instance)}, decimals, host});
  return last_;
}

void SeriesDictionary::restore(std::uint32_t number, SeriesEntry entry) {
  if (number <= last_ || number > kGreatest || find(entry.name.metric, entry.name.instance).number != 0) {
    throw StoreError("the database is damaged: its list of series cannot be read; restore a backup");
  }
  put(number, std::move(entry));
}

void SeriesDictionary::put(std::uint32_t number, SeriesEntry entry) {
  const auto place = entries_.emplace(number, std::move(entry)).first;
  const SeriesEntry& added = place->second;
  try {
    Brought* brought = added.host != 0 ? &brought_[added.host] : nullptr;
    numbers_[added.name.metric].emplace(added.name.instance, PackedSeries{number, added.decimals});
    if (brought != nullptr) {
      ++brought->entries;
      brought->bytes += bytes_of(added);
    }
  } catch (...) {
    drop_if_empty(added);
    entries_.erase(place);
    throw;
  }
  last_ = number;
  ++size_;
  if (number > kDiskSeries) bytes_ += bytes_of(added);
}

void SeriesDictionary::forget_name(const SeriesEntry& entry) noexcept {
  numbers_.find(entry.name.metric)->second.erase(entry.name.instance);
  --size_;
  bytes_ -= bytes_of(entry);
  if (const auto host = brought_.find(entry.host); host != brought_.end()) {
    --host->second.entries;
    host->second.bytes -= bytes_of(entry);
  }
  drop_if_empty(entry);
}

/// What is known of the entry's metric, and of its host, where that is nothing.
void SeriesDictionary::drop_if_empty(const SeriesEntry& entry) noexcept {
  const auto instances = numbers_.find(entry.name.metric);
  if (instances != numbers_.end() && instances->second.empty()) numbers_.erase(instances);
  const auto host = brought_.find(entry.host);
  if (host != brought_.end() && host->second.entries == 0) brought_.erase(host);
}

void SeriesDictionary::shrink_to(std::uint32_t last) noexcept {
  for (; last_ > last; --last_) {
    const auto found = entries_.find(last_);
    if (found == entries_.end()) continue;
    forget_name(found->second);
    entries_.erase(found);
  }
}

void SeriesDictionary::retire(std::uint32_t number, std::int64_t now) {
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  retired_.emplace_back(now, number);  // at first, for it may fail
  forget_name(found->second);
}

void SeriesDictionary::drop_retired(std::int64_t now) noexcept {
  drop_due(retired_, entries_, now);
}

const SeriesEntry* SeriesDictionary::entry(std::uint32_t series) const {
  const auto found = entries_.find(series);
  return found == entries_.end() ? nullptr : &found->second;
}

Brought SeriesDictionary::brought_by(std::int64_t host) const {
  const auto found = brought_.find(host);
  return found == brought_.end() ? Brought{} : found->second;
}

std::vector<std::uint32_t> SeriesDictionary::select(
    const std::function<bool(std::uint32_t)>& is_wanted) const {
  std::vector<std::uint32_t> selected;
  for (const auto& [metric, instances] : numbers_) {
    for (const auto& [instance, known] : instances) {
      if (is_wanted(known.number)) selected.push_back(known.number);
    }
  }
  return selected;
}

std::uint32_t LayoutDictionary::find(std::string_view packed_series) const {
  const auto found = numbers_.find(packed_series);
  return found == numbers_.end() ? 0 : found->second;
}

std::uint32_t LayoutDictionary::add(std::string packed_series, std::vector<PackedSeries> series,
                                    std::int64_t host) {
  const std::uint32_t number = last_ + 1;
  const auto place = layouts_.emplace(number, Layout{std::move(series), packed_series, host}).first;
  try {
    const auto name = numbers_.emplace(std::move(packed_series), number).first;
    try {
      Brought& brought = brought_[host];
      ++brought.entries;
      brought.bytes += bytes_in_file(name->first.size());
      bytes_ += bytes_in_file(name->first.size());
    } catch (...) {
      numbers_.erase(name);
      throw;
    }
  } catch (...) {
    layouts_.erase(place);
    throw;
  }
  last_ = number;
  return number;
}

void LayoutDictionary::forget(const Layout& layout) {
  numbers_.erase(layout.packed);
  bytes_ -= bytes_in_file(layout.packed.size());
  const auto host = brought_.find(layout.host);
  if (host == brought_.end()) return;
  host->second.bytes -= bytes_in_file(layout.packed.size());
  if (--host->second.entries == 0) brought_.erase(host);
}

Brought LayoutDictionary::brought_by(std::int64_t host) const {
  const auto found = brought_.find(host);
  return found == brought_.end() ? Brought{} : found->second;
}

void LayoutDictionary::restore(std::uint32_t number, std::string packed_series,
                               std::vector<PackedSeries> series) {
  if (number <= last_ || numbers_.contains(packed_series)) {
    throw StoreError("the database is damaged: its list of layouts cannot be read; restore a backup");
  }
  last_ = number - 1;
  add(std::move(packed_series), std::move(series));
}

void LayoutDictionary::shrink_to(std::uint32_t last) noexcept {
  for (; last_ > last; --last_) {
    const auto found = layouts_.find(last_);
    if (found == layouts_.end()) continue;
    forget(found->second);
    layouts_.erase(found);
  }
}

void LayoutDictionary::retire(std::uint32_t number, std::int64_t now) {
  const auto found = layouts_.find(number);
  if (found == layouts_.end()) return;
  retired_.emplace_back(now, number);  // as above
  forget(found->second);
}

void LayoutDictionary::drop_retired(std::int64_t now) noexcept {
  drop_due(retired_, layouts_, now);
}

const LayoutDictionary::Layout* LayoutDictionary::entry(std::uint32_t layout) const {
  const auto found = layouts_.find(layout);
  return found == layouts_.end() ? nullptr : &found->second;
}

std::vector<std::uint32_t> LayoutDictionary::select(
    const std::function<bool(std::uint32_t)>& is_wanted) const {
  std::vector<std::uint32_t> selected;
  for (const auto& [packed, number] : numbers_) {
    if (is_wanted(number)) selected.push_back(number);
  }
  return selected;
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
