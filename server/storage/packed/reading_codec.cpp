#include "server/storage/packed/reading_codec.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "protocol/catalogue.h"
#include "protocol/packed_values.h"
#include "util/text/varint.h"

namespace hostwatch::storage {
using protocol::pack_value;
using util::put_varint;
namespace {

/// What part of all names is for hosts that bring few, and are not new; and what part of all is few.
constexpr std::size_t kReservePart = 10;
constexpr std::size_t kReservedPart = 2000;

/// cpu, ram and disk come before the values of a layout.
constexpr std::size_t kBasic = 3;

/// How much of what all share there is for a host: of names, or of bytes.
struct Room {
  std::size_t limit;
  std::size_t used;
  std::size_t used_by_new;  ///< of it: what new hosts have brought

  std::size_t for_all() const { return limit - limit / kReservePart; }
  /// `is_few`: the host has brought few names.
  bool is_left_for(std::size_t brought, bool is_few) const {
    if (is_few) return used < limit;
    return used < for_all() && brought < for_all() - used;
  }
  bool is_left_for_new(bool is_few) const {
    const std::size_t of_others = used - std::min(used, used_by_new);
    const std::size_t room = for_all() - std::min(for_all(), of_others);
    if (used >= for_all() || used_by_new >= room / 2) return false;
    return is_few || used_by_new < room / 4;
  }
};

int decimals_of(std::string_view metric) {
  const protocol::MetricDefinition* known = protocol::find_metric(metric);
  return known != nullptr ? known->decimals : protocol::kCustomDecimals;
}

}  // namespace

void ReadingCodec::gather_basic() {
  static const int kCpuDecimals = decimals_of("cpu");
  static const int kRamDecimals = decimals_of("ram");
  static const int kDiskDecimals = decimals_of("disk");
  scratch_.clear();
  scratch_.push_back({{kCpuSeries, kCpuDecimals}, 0});
  scratch_.push_back({{kRamSeries, kRamDecimals}, 1});
  scratch_.push_back({{kDiskSeries, kDiskDecimals}, 2});
}

/// The places of series that all have a number already; false if one has none.
bool ReadingCodec::gather_known(const protocol::Layout& layout) {
  gather_basic();
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const PackedSeries known = series.find(layout[i].metric, layout[i].instance);
    if (known.number == 0) return false;
    // A metric that is called "cpu" again names the same series: the reading's own value stands.
    if (known.number > kDiskSeries) scratch_.push_back({known, static_cast<std::uint32_t>(kBasic + i)});
  }
  sort_scratch();
  return true;
}

/// The places of series that the host may have; false if one is left out.
bool ReadingCodec::gather_admitted(const protocol::Layout& layout, const EncodingHost& host,
                                   const Refusal& refuse) {
  gather_basic();
  bool are_all_admitted = true;
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const PackedSeries admitted = admit(layout[i], host, refuse);
    if (admitted.number == 0) are_all_admitted = false;
    if (admitted.number <= kDiskSeries) continue;
    if (in_use.is_gathering()) in_use.use_series(admitted.number);
    scratch_.push_back({admitted, static_cast<std::uint32_t>(kBasic + i)});
  }
  sort_scratch();
  return are_all_admitted;
}

const ReadingCodec::Plan* ReadingCodec::find_plan(const protocol::SharedLayout& layout) const {
  const auto found = plans_.find(layout.get());
  return found == plans_.end() ? nullptr : &found->second;
}

/// Of what was gathered last. Layouts that nobody else holds do not come again.
void ReadingCodec::keep_plan(const protocol::SharedLayout& layout, std::uint32_t number) {
  constexpr std::size_t kMostBytes = 32UL * 1024 * 1024;
  if (plans_bytes_ > kMostBytes) {
    std::erase_if(plans_, [](const auto& one) { return one.second.of.use_count() == 1; });
    plans_bytes_ = 0;
    for (const auto& [address, plan] : plans_) plans_bytes_ += plan.bytes();
    if (plans_bytes_ > kMostBytes / 2) drop_plans();
  }
  const auto [place, is_new] = plans_.insert_or_assign(layout.get(), Plan{layout, number, scratch_});
  if (is_new) plans_bytes_ += place->second.bytes();
}

/// Numbers of series or layouts may mean nothing any more.
void ReadingCodec::drop_plans() {
  plans_.clear();
  plans_bytes_ = 0;
}

Brought ReadingCodec::brought_by(std::int64_t host) const {
  Brought brought = series.brought_by(host);
  if (host != 0) brought.bytes += layouts.brought_by(host).bytes;
  return brought;
}

/// Whether a host may bring a name that no other has; false: why not.
bool ReadingCodec::has_room_for(const EncodingHost& host, SeriesRefusal& why) const {
  const Brought brought = brought_by(host.id);
  const bool is_few = brought.entries < limits_.series / kReservedPart;
  const Room names{limits_.series, series.size(), brought_by_new_hosts.entries};
  const Room file{limits_.bytes, bytes(), brought_by_new_hosts.bytes};
  if (!(host.is_new ? names.is_left_for_new(is_few) : names.is_left_for(brought.entries, is_few))) {
    why = host.is_new ? SeriesRefusal::new_hosts_wait : SeriesRefusal::others_come_first;
    return false;
  }
  why = SeriesRefusal::file_is_full;
  return host.is_new ? file.is_left_for_new(is_few) : file.is_left_for(brought.bytes, is_few);
}

/// The sample's series; number 0: it is left out. A number is given only to a series that is stored.
PackedSeries ReadingCodec::admit(const protocol::Layout::Series& one, const EncodingHost& host,
                                 const Refusal& refuse) {
  const auto day = static_cast<std::uint32_t>(host.now / 86400);
  const auto hour = static_cast<std::uint32_t>(host.now / 3600);
  const PackedSeries known = series.find(one.metric, one.instance);
  const bool is_basic = known.number != 0 && known.number <= kDiskSeries;
  if (is_basic) return known;
  if (known.number != 0) {
    if (host.series.admit(known.number, day)) return known;
    refuse(one, SeriesRefusal::host_is_full);
    return {};
  }
  auto why = SeriesRefusal::others_come_first;
  if (!has_room_for(host, why) || series.last() >= SeriesDictionary::kGreatest) {
    refuse(one, why);
    return {};
  }
  if (host.series.brought_in(hour) >= host.most_brought_an_hour) {
    refuse(one, SeriesRefusal::hour_is_full);
    return {};
  }
  const PackedSeries added{series.last() + 1, decimals_of(one.metric)};
  if (!host.series.admit(added.number, day)) {
    refuse(one, SeriesRefusal::host_is_full);
    return {};
  }
  host.series.note_brought(hour);
  if (host.is_new) {
    ++brought_by_new_hosts.entries;
    brought_by_new_hosts.bytes += bytes_in_file(one.metric.size() + one.instance.size());
  }
  const std::unique_lock lock(growth_mutex_);
  series.add(one.metric, one.instance, added.decimals, host.id);
  return added;
}

void ReadingCodec::sort_scratch() {
  const auto by_series = [](const Place& a, const Place& b) { return a.series.number < b.series.number; };
  if (!std::is_sorted(scratch_.begin(), scratch_.end(), by_series)) {
    std::sort(scratch_.begin(), scratch_.end(), by_series);
  }
  scratch_series_.clear();
  for (const Place& one : scratch_) scratch_series_.push_back(one.series.number);
}

std::string ReadingCodec::encode(const protocol::ReceivedReading& reading, const EncodingHost& host,
                                 const Refusal& refuse) {
  const auto day = static_cast<std::uint32_t>(host.now / 86400);
  const std::array<double, kBasic> basic{reading.cpu, reading.ram, reading.disk};
  const auto pack_values = [&](std::string& bytes, const std::vector<Place>& places) {
    for (const auto& [one, position] : places) {
      pack_value(bytes, position < kBasic ? basic.at(position) : reading.values[position - kBasic],
                 one.decimals);
    }
  };
  if (const Plan* plan = find_plan(reading.layout);
      plan != nullptr && host.series.has_met(plan->layout, day)) {
    packing_.clear();
    put_varint(packing_, plan->layout);
    pack_values(packing_, plan->places);
    return packing_;
  }
  std::string packed;
  std::uint32_t layout = 0;
  bool is_complete = gather_known(*reading.layout);
  if (is_complete) {
    packed = pack_series(scratch_series_);
    layout = layouts.find(packed);
  }
  if (!host.series.has_met(layout, day)) {
    is_complete = gather_admitted(*reading.layout, host, refuse);
    packed = pack_series(scratch_series_);
    layout = layouts.find(packed);
    if (in_use.is_gathering()) in_use.use_layout(layout);
  }
  packing_.clear();
  if (layout == 0 && !has_room_for_layout(host)) {
    put_varint(packing_, 0);
    put_varint(packing_, packed.size());
    packing_ += packed;
  } else {
    if (layout == 0) layout = add_layout(std::move(packed), host);
    put_varint(packing_, layout);
    host.series.set_met(layout, day);
    if (is_complete) keep_plan(reading.layout, layout);
  }
  pack_values(packing_, scratch_);
  return packing_;  // a copy that has no more room than it takes: it stays in memory until it is filed
}

std::string ReadingCodec::encode_values(std::span<const StoredValue> values) const {
  std::vector<std::uint32_t> list;
  for (const StoredValue& one : values) list.push_back(one.series);
  const std::string packed = pack_series(list);
  std::string bytes;
  put_varint(bytes, 0);
  put_varint(bytes, packed.size());
  bytes += packed;
  for (const StoredValue& one : values) pack_value(bytes, one.value, decimals(one.series));
  return bytes;
}

bool ReadingCodec::has_room_for_layout(const EncodingHost& host) const {
  if (layouts.size() >= limits_.layouts || layouts.last() >= LayoutDictionary::kGreatest ||
      layouts.brought_by(host.id).entries >= limits_.layouts_of_host) {
    return false;
  }
  const Brought brought = brought_by(host.id);
  const Room file{limits_.bytes, bytes(), brought_by_new_hosts.bytes};
  return host.is_new ? file.is_left_for_new(false)
                     : file.is_left_for(brought.bytes, brought.entries < limits_.series / kReservedPart);
}

std::uint32_t ReadingCodec::add_layout(std::string packed, const EncodingHost& host) {
  if (host.is_new) brought_by_new_hosts.bytes += bytes_in_file(packed.size());
  std::vector<PackedSeries> list;
  list.reserve(scratch_.size());
  for (const Place& one : scratch_) list.push_back(one.series);
  const std::unique_lock lock(growth_mutex_);
  return layouts.add(std::move(packed), std::move(list), host.id);
}

void ReadingCodec::shrink_to(std::uint32_t last_series, std::uint32_t last_layout) {
  if (last_series >= series.last() && last_layout >= layouts.last()) return;
  drop_plans();
  const std::unique_lock lock(growth_mutex_);
  series.shrink_to(last_series);
  layouts.shrink_to(last_layout);
}

void ReadingCodec::replace_dictionaries(SeriesDictionary new_series, LayoutDictionary new_layouts) {
  drop_plans();
  const std::unique_lock lock(growth_mutex_);
  series = std::move(new_series);
  layouts = std::move(new_layouts);
}

void ReadingCodec::retire(std::span<const std::uint32_t> old_series,
                          std::span<const std::uint32_t> old_layouts, std::int64_t now) {
  drop_plans();
  const std::unique_lock lock(growth_mutex_);
  for (const std::uint32_t number : old_layouts) layouts.retire(number, now);
  for (const std::uint32_t number : old_series) series.retire(number, now);
}

void ReadingCodec::drop_retired(std::int64_t now) {
  if (!series.has_retired() && !layouts.has_retired()) return;
  const std::unique_lock lock(growth_mutex_);
  series.drop_retired(now);
  layouts.drop_retired(now);
}

std::size_t ReadingCodec::series_count() const {
  const std::shared_lock lock(growth_mutex_);
  return series.size();
}

SeriesName ReadingCodec::series_name(std::uint32_t number) const {
  const std::shared_lock lock(growth_mutex_);
  const SeriesEntry* entry = series.entry(number);
  if (entry == nullptr) throw StoreError("history was deleted while it was read; ask again");
  return entry->name;
}

std::string ReadingCodec::metric_of(std::uint32_t number) const {
  const std::shared_lock lock(growth_mutex_);
  const SeriesEntry* entry = series.entry(number);
  return entry != nullptr ? entry->name.metric : std::string();
}

int ReadingCodec::decimals(std::uint32_t number) const {
  const std::shared_lock lock(growth_mutex_);
  const SeriesEntry* entry = series.entry(number);
  return entry != nullptr ? entry->decimals : 0;
}

}  // namespace hostwatch::storage
