// ReadingCodec: from bytes to readings.
#include <algorithm>
#include <bit>
#include <mutex>

#include "protocol/packed_values.h"
#include "server/storage/packed/reading_codec.h"
#include "util/text/varint.h"

namespace hostwatch::storage {
using protocol::unpack_value;
using util::take_varint;
namespace {

[[noreturn]] void damaged() {
  throw StoreError("the database is damaged: a reading cannot be read");
}

/// Takes the list of series off the front of a reading's bytes where it is written out.
std::vector<std::uint32_t> take_written_out(std::string_view& bytes) {
  const auto length = take_varint(bytes);
  if (!length || *length > bytes.size()) damaged();
  auto series = unpack_series(bytes.substr(0, *length));
  bytes.remove_prefix(*length);
  return series;
}

}  // namespace

void ReadingCodec::note_use(std::string_view packed) {
  const auto layout = take_varint(packed);
  if (!layout || *layout > UINT32_MAX) return;
  if (*layout != 0) {
    in_use.use_layout(static_cast<std::uint32_t>(*layout));
    return;
  }
  try {
    for (const std::uint32_t number : take_written_out(packed)) in_use.use_series(number);
  } catch (const StoreError&) {
    return;
  }
}

void ReadingCodec::note_series_of_layouts() {
  for (const std::uint32_t number : layouts.select([this](auto one) { return in_use.is_layout_used(one); })) {
    for (const PackedSeries& one : layouts.entry(number)->series) in_use.use_series(one.number);
  }
}

bool ReadingCodec::is_same(std::string_view a, std::string_view b) const {
  if (a == b) return true;
  std::vector<StoredValue> values_a;
  std::vector<StoredValue> values_b;
  try {
    decode(a, values_a);
    decode(b, values_b);
  } catch (const StoreError&) {
    return false;
  }
  const auto same = [](const StoredValue& x, const StoredValue& y) {
    return x.series == y.series &&
           std::bit_cast<std::uint64_t>(x.value) == std::bit_cast<std::uint64_t>(y.value);
  };
  return std::equal(values_a.begin(), values_a.end(), values_b.begin(), values_b.end(), same);
}

void ReadingCodec::decode(std::string_view bytes, std::vector<StoredValue>& values) const {
  const std::shared_lock lock(growth_mutex_);
  decode_unlocked(bytes, values);
}

void ReadingCodec::decode_unlocked(std::string_view bytes, std::vector<StoredValue>& values) const {
  values.clear();
  const auto take = [&](std::uint32_t number, int decimals) {
    const auto value = unpack_value(bytes, decimals);
    if (!value) damaged();
    values.push_back({number, *value});
  };
  const auto layout = take_varint(bytes);
  if (!layout || *layout > UINT32_MAX) damaged();
  if (*layout == 0) {
    for (const std::uint32_t number : take_written_out(bytes)) {
      const SeriesEntry* entry = series.entry(number);
      if (entry == nullptr) damaged();
      take(number, entry->decimals);
    }
    return;
  }
  const LayoutDictionary::Layout* known = layouts.entry(static_cast<std::uint32_t>(*layout));
  if (known == nullptr) damaged();
  for (const PackedSeries& one : known->series) take(one.number, one.decimals);
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
        const SeriesEntry* entry = series.entry(stored.series);
        if (entry == nullptr) damaged();
        reading.samples.push_back({entry->name.metric, entry->name.instance, stored.value});
      }
    }
  }
  return reading;
}

}  // namespace hostwatch::storage
