#include "server/storage/reading_codec.h"

#include <algorithm>
#include <mutex>

#include "protocol/catalogue.h"
#include "protocol/packed_values.h"
#include "protocol/varint.h"

namespace hostwatch::storage {
using protocol::pack_value;
using protocol::put_varint;
using protocol::skip_value;
using protocol::take_varint;
using protocol::unpack_value;
namespace {

[[noreturn]] void damaged() {
  throw StoreError("the database is damaged: a reading cannot be read");
}

int decimals_of(std::string_view metric) {
  const protocol::MetricDefinition* known = protocol::find_metric(metric);
  return known != nullptr ? known->decimals : protocol::kCustomDecimals;
}

/// Takes the list of series off the front of a reading's bytes.
std::pair<std::uint32_t, std::vector<std::uint32_t>> take_layout(std::string_view& bytes,
                                                                 std::size_t known_layouts) {
  const auto layout = take_varint(bytes);
  if (!layout || *layout > known_layouts) damaged();
  if (*layout != 0) return {static_cast<std::uint32_t>(*layout), {}};
  const auto length = take_varint(bytes);
  if (!length || *length > bytes.size()) damaged();
  auto series = unpack_series(bytes.substr(0, *length));
  bytes.remove_prefix(*length);
  return {0, std::move(series)};
}

}  // namespace

/// The values of series that all have a number already; false if one has none.
bool ReadingCodec::gather_known(const protocol::Reading& reading) {
  scratch_.clear();
  scratch_.emplace_back(kCpuSeries, reading.cpu);
  scratch_.emplace_back(kRamSeries, reading.ram);
  scratch_.emplace_back(kDiskSeries, reading.disk);
  for (const protocol::Sample& sample : reading.samples) {
    const std::uint32_t number = series.find(sample.metric, sample.instance);
    if (number == 0) return false;
    // A metric that is called "cpu" again names the same series: the reading's own value stands.
    if (number > kDiskSeries) scratch_.emplace_back(number, sample.value);
  }
  sort_scratch();
  return true;
}

void ReadingCodec::gather_admitted(const protocol::Reading& reading, HostSeries& host,
                                   const Refusal& refuse) {
  const auto day = static_cast<std::uint32_t>(reading.timestamp / 86400);
  scratch_.clear();
  scratch_.emplace_back(kCpuSeries, reading.cpu);
  scratch_.emplace_back(kRamSeries, reading.ram);
  scratch_.emplace_back(kDiskSeries, reading.disk);
  for (const protocol::Sample& sample : reading.samples) {
    std::uint32_t number = series.find(sample.metric, sample.instance);
    if (number != 0 && number <= kDiskSeries) continue;
    // A number is given only to a series that is stored.
    const bool is_new = number == 0;
    if (is_new) number = static_cast<std::uint32_t>(series.size()) + 1;
    if ((is_new && series.size() >= kMaxSeries) || !host.admit(number, day)) {
      refuse(sample);
      continue;
    }
    if (is_new) add_series(sample);
    scratch_.emplace_back(number, sample.value);
  }
  sort_scratch();
}

void ReadingCodec::sort_scratch() {
  const auto by_series = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(scratch_.begin(), scratch_.end(), by_series)) {
    std::sort(scratch_.begin(), scratch_.end(), by_series);
  }
  scratch_series_.clear();
  for (const auto& [number, value] : scratch_) scratch_series_.push_back(number);
}

std::string ReadingCodec::encode(const protocol::Reading& reading, HostSeries& host, const Refusal& refuse) {
  const auto day = static_cast<std::uint32_t>(reading.timestamp / 86400);
  std::string packed;
  std::uint32_t layout = 0;
  if (gather_known(reading)) {
    packed = pack_series(scratch_series_);
    layout = layouts.find(packed);
  }
  if (!host.has_met(layout, day)) {
    gather_admitted(reading, host, refuse);
    packed = pack_series(scratch_series_);
    layout = layouts.find(packed);
  }
  std::string bytes;
  bytes.reserve(4 + 3 * scratch_.size());
  if (layout == 0 && layouts.size() >= kMaxLayouts) {
    put_varint(bytes, 0);
    put_varint(bytes, packed.size());
    bytes += packed;
  } else {
    if (layout == 0) layout = add_layout(std::move(packed));
    put_varint(bytes, layout);
    host.set_met(layout, day);
  }
  for (const auto& [number, value] : scratch_) pack_value(bytes, value, series.entry(number).decimals);
  bytes.shrink_to_fit();  // it stays in memory until it is filed
  return bytes;
}

std::uint32_t ReadingCodec::add_series(const protocol::Sample& sample) {
  const std::unique_lock lock(growth_mutex_);
  return series.add(sample.metric, sample.instance, decimals_of(sample.metric));
}

std::uint32_t ReadingCodec::add_layout(std::string packed) {
  const std::unique_lock lock(growth_mutex_);
  return layouts.add(std::move(packed));
}

void ReadingCodec::shrink_to(std::size_t series_count, std::size_t layout_count) {
  const std::unique_lock lock(growth_mutex_);
  series.shrink_to(series_count);
  layouts.shrink_to(layout_count);
}

void ReadingCodec::replace_dictionaries(SeriesDictionary new_series, LayoutDictionary new_layouts) {
  const std::unique_lock lock(growth_mutex_);
  series = std::move(new_series);
  layouts = std::move(new_layouts);
}

std::size_t ReadingCodec::series_count() const {
  const std::shared_lock lock(growth_mutex_);
  return series.size();
}

SeriesName ReadingCodec::series_name(std::uint32_t number) const {
  const std::shared_lock lock(growth_mutex_);
  return series.entry(number).name;
}

int ReadingCodec::decimals(std::uint32_t number) const {
  const std::shared_lock lock(growth_mutex_);
  return number != 0 && number <= series.size() ? series.entry(number).decimals : 0;
}

void ReadingCodec::decode(std::string_view bytes, std::vector<StoredValue>& values) const {
  const std::shared_lock lock(growth_mutex_);
  decode_unlocked(bytes, values);
}

void ReadingCodec::decode_unlocked(std::string_view bytes, std::vector<StoredValue>& values) const {
  values.clear();
  const auto [layout, written_out] = take_layout(bytes, layouts.size());
  for (const std::uint32_t number : layout != 0 ? layouts.series(layout) : written_out) {
    if (number > series.size()) damaged();
    const auto value = unpack_value(bytes, series.entry(number).decimals);
    if (!value) damaged();
    values.push_back({number, *value});
  }
}

protocol::Reading ReadingCodec::decode_reading(std::string_view hostname, std::int64_t timestamp,
                                               std::string_view bytes) const {
  const std::shared_lock lock(growth_mutex_);
  std::vector<StoredValue> values;
  decode_unlocked(bytes, values);
  protocol::Reading reading;
  reading.hostname = hostname;
  reading.timestamp = timestamp;
  for (const StoredValue& stored : values) {
    switch (stored.series) {
      case kCpuSeries:
        reading.cpu = stored.value;
        break;
      case kRamSeries:
        reading.ram = stored.value;
        break;
      case kDiskSeries:
        reading.disk = stored.value;
        break;
      default: {
        const SeriesName& name = series.entry(stored.series).name;
        reading.samples.push_back({name.metric, name.instance, stored.value});
      }
    }
  }
  return reading;
}

bool WantedValues::wants(const ReadingCodec& codec, std::uint32_t series) const {
  if (request_->all_metrics) return true;
  const auto& wanted = request_->metrics;
  return std::find(wanted.begin(), wanted.end(), codec.series.entry(series).name.metric) != wanted.end();
}

const std::vector<bool>& WantedValues::wanted_of_layout(const ReadingCodec& codec, std::uint32_t layout) {
  if (by_layout_.size() <= layout) by_layout_.resize(layout + 1);
  std::vector<bool>& wanted = by_layout_[layout];
  if (wanted.empty()) {
    for (const std::uint32_t number : codec.layouts.series(layout)) wanted.push_back(wants(codec, number));
    while (!wanted.empty() && !wanted.back())
      wanted.pop_back();  // nothing to read beyond the last one wanted
    if (wanted.empty()) wanted.push_back(false);
  }
  return wanted;
}

void WantedValues::decode(const ReadingCodec& codec, std::string_view bytes,
                          std::vector<StoredValue>& values) {
  const std::shared_lock lock(codec.growth_mutex_);
  std::string_view rest = bytes;
  const auto layout = take_varint(rest);
  if (!layout || *layout > codec.layouts.size()) damaged();
  if (*layout == 0) {
    codec.decode_unlocked(bytes, values);
    std::erase_if(values, [&](const StoredValue& value) { return !wants(codec, value.series); });
    return;
  }
  values.clear();
  const auto number = static_cast<std::uint32_t>(*layout);
  const std::vector<std::uint32_t>& series = codec.layouts.series(number);
  const std::vector<bool>& wanted = wanted_of_layout(codec, number);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) {
      if (!skip_value(rest)) damaged();
      continue;
    }
    const auto value = unpack_value(rest, codec.series.entry(series[i]).decimals);
    if (!value) damaged();
    values.push_back({series[i], *value});
  }
}

}  // namespace hostwatch::storage
