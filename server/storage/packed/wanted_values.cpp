// WantedValues: the values of a reading that a query asks for.
#include <algorithm>
#include <mutex>

#include "protocol/packed_values.h"
#include "server/storage/packed/reading_codec.h"
#include "util/text/varint.h"

namespace hostwatch::storage {
using protocol::skip_value;
using protocol::unpack_value;
using util::take_varint;
namespace {

[[noreturn]] void damaged_values() {
  throw StoreError("the database is damaged: a reading cannot be read");
}

}  // namespace

bool WantedValues::wants(const ReadingCodec& codec, std::uint32_t series) const {
  if (request_->all_metrics) return true;
  const SeriesEntry* entry = codec.series.entry(series);
  const auto& wanted = request_->metrics;
  return entry != nullptr && std::find(wanted.begin(), wanted.end(), entry->name.metric) != wanted.end();
}

const std::vector<bool>& WantedValues::wanted_of_layout(const ReadingCodec& codec, std::uint32_t number,
                                                        const LayoutDictionary::Layout& layout) {
  std::vector<bool>& wanted = by_layout_[number];
  if (wanted.empty()) {
    for (const PackedSeries& one : layout.series) wanted.push_back(wants(codec, one.number));
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
  const auto number = take_varint(rest);
  if (!number || *number > UINT32_MAX) damaged_values();
  if (*number == 0) {
    codec.decode_unlocked(bytes, values);
    std::erase_if(values, [&](const StoredValue& value) { return !wants(codec, value.series); });
    return;
  }
  values.clear();
  const LayoutDictionary::Layout* layout = codec.layouts.entry(static_cast<std::uint32_t>(*number));
  if (layout == nullptr) damaged_values();
  const std::vector<bool>& wanted = wanted_of_layout(codec, static_cast<std::uint32_t>(*number), *layout);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) {
      if (!skip_value(rest)) damaged_values();
      continue;
    }
    const auto value = unpack_value(rest, layout->series[i].decimals);
    if (!value) damaged_values();
    values.push_back({layout->series[i].number, *value});
  }
}

}  // namespace hostwatch::storage
