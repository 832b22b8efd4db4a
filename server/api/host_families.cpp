#include "server/api/host_families.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "protocol/catalogue.h"

namespace hostwatch::api {
namespace {

constexpr const char* kMetricPrefix = "hostwatch_";
constexpr std::size_t kBlock = 16;  ///< what the allocator adds to a block
constexpr std::size_t kNode = 64;   ///< of a map, with what it has besides text

/// A label's value as it stands between quotes.
void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
}

/// As prometheus-cpp writes them: "%.16g".
void append_number(std::string& out, double value) {
  constexpr double kExact = 1e15;  // an integer below it has at most 16 digits, which are written as they are
  std::array<char, 32> text{};
  const bool is_integer = std::abs(value) < kExact && value == std::trunc(value) && !std::signbit(value);
  const std::to_chars_result end =
      is_integer ? std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(value))
                 : std::to_chars(text.begin(), text.end(), value, std::chars_format::general, 16);
  out.append(text.data(), end.ptr);
}

/// Prometheus asks for the unit at the name's end; the three basic metrics have short names for people. A
/// custom gauge must not take the name of a figure of ours, nor look like a counter or a histogram's part.
std::string exposed_name(const std::string& metric, bool is_known) {
  if (!is_known) return kMetricPrefix + ("custom_" + metric);
  return kMetricPrefix + metric + (protocol::is_basic_metric(metric) ? "_percent" : "");
}

std::string labels_of(const std::string& instance, const protocol::MetricDefinition* known) {
  std::string labels;
  if (instance.empty()) return labels;
  const bool is_named = known != nullptr && !known->instance_label.empty();
  labels += ',';
  labels += is_named ? known->instance_label : std::string_view("instance_name");
  labels += "=\"";
  append_escaped(labels, instance);
  labels += '"';
  labels.shrink_to_fit();
  return labels;
}

std::size_t hash_of(std::span<const storage::StoredValue> values) {
  std::size_t hash = values.size();
  for (const storage::StoredValue& one : values) hash = (hash ^ one.series) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 32U);
}

bool has_series(std::span<const storage::StoredValue> values, const std::vector<std::uint32_t>& numbers) {
  return std::equal(
      values.begin(), values.end(), numbers.begin(), numbers.end(),
      [](const storage::StoredValue& one, std::uint32_t number) { return one.series == number; });
}

}  // namespace

void HostFamilies::add(const storage::HostValues& host, bool is_up, const ingest::HostAgents* agents,
                       const NameOf& name_of) {
  const auto number = static_cast<std::uint32_t>(hosts_.size());
  Host& one = hosts_.emplace_back();
  one.labels = "{hostname=\"";
  append_escaped(one.labels, host.name);
  one.labels += '"';
  memory_ += sizeof(Host) + one.labels.capacity() + kBlock;
  add_own("host_up", "1 while the host's readings arrive, else 0.", number, is_up ? 1 : 0);
  if (agents != nullptr && agents->clock_skew) {
    add_own("host_clock_skew_seconds", "How far the host's clock is ahead of the server's.", number,
            static_cast<double>(*agents->clock_skew));
  }
  if (agents != nullptr && !agents->conflict.empty()) {
    add_own("host_name_conflict", "1 while two agents report under the host's name.", number, 1);
  }
  if (!is_up || host.values.empty()) return;
  try {
    last_layout_ = layout_of(host.values, name_of);
  } catch (const storage::StoreError&) {
    return;  // the name of a series is gone: the reading is damaged, and the other hosts are told of
  }
  layouts_[last_layout_].hosts.push_back(number);
  one.values.reserve(host.values.size());
  for (const storage::StoredValue& stored : host.values) one.values.push_back(stored.value);
  memory_ += sizeof(double) * one.values.size() + kBlock + 2 * sizeof(std::uint32_t);
}

void HostFamilies::add_own(std::string_view name, std::string_view help, std::uint32_t host, double value) {
  families_[family_of(std::string(kMetricPrefix).append(name), help)].own.push_back({host, value});
  memory_ += 2 * sizeof(OwnValue);  // the vector has room for some more
}

std::uint32_t HostFamilies::family_of(const std::string& name, std::string_view help) {
  const auto [found, is_new] =
      family_numbers_.try_emplace(name, static_cast<std::uint32_t>(families_.size()));
  if (is_new) {
    families_.push_back({name, help, {}, {}});
    memory_ += sizeof(Family) + kNode + 2 * (name.size() + kBlock);
  }
  return found->second;
}

std::uint32_t HostFamilies::series_of(std::uint32_t number, const NameOf& name_of) {
  if (const auto known = series_numbers_.find(number); known != series_numbers_.end()) return known->second;
  const storage::SeriesName name = name_of(number);
  const protocol::MetricDefinition* known = protocol::find_metric(name.metric);
  const std::uint32_t family =
      family_of(exposed_name(name.metric, known != nullptr),
                known != nullptr ? known->help : "A value of its own that a host reports.");
  const auto index = static_cast<std::uint32_t>(series_.size());
  series_.push_back({family, labels_of(name.instance, known)});
  series_numbers_.emplace(number, index);
  memory_ += sizeof(Series) + kNode + series_.back().labels.capacity() + kBlock;
  return index;
}

/// Hosts that follow another often are alike.
std::uint32_t HostFamilies::layout_of(std::span<const storage::StoredValue> values, const NameOf& name_of) {
  if (!layouts_.empty() && has_series(values, layouts_[last_layout_].numbers)) return last_layout_;
  const std::size_t hash = hash_of(values);
  const auto [begin, end] = layout_numbers_.equal_range(hash);
  const auto known = std::find_if(
      begin, end, [&](const auto& one) { return has_series(values, layouts_[one.second].numbers); });
  if (known != end) return known->second;
  const std::uint32_t added = add_layout(values, name_of);
  layout_numbers_.emplace(hash, added);
  return added;
}

std::uint32_t HostFamilies::add_layout(std::span<const storage::StoredValue> values, const NameOf& name_of) {
  Layout layout;
  layout.numbers.reserve(values.size());
  layout.places.reserve(values.size());
  for (const storage::StoredValue& one : values) {
    const auto position = static_cast<std::uint32_t>(layout.places.size());
    layout.numbers.push_back(one.series);
    layout.places.push_back({series_of(one.series, name_of), position});
  }
  const auto family = [this](const Place& place) { return series_[place.series].family; };
  std::stable_sort(layout.places.begin(), layout.places.end(),
                   [&](const Place& a, const Place& b) { return family(a) < family(b); });
  const auto number = static_cast<std::uint32_t>(layouts_.size());
  std::size_t uses = 0;
  for (std::uint32_t first = 0, end = 0; first < layout.places.size(); first = end) {
    const std::uint32_t its_family = family(layout.places[first]);
    while (end < layout.places.size() && family(layout.places[end]) == its_family) ++end;
    families_[its_family].uses.push_back({number, first, end - first});
    ++uses;
  }
  memory_ += sizeof(Layout) + kNode + 2 * kBlock + values.size() * (sizeof(std::uint32_t) + sizeof(Place)) +
             2 * uses * sizeof(Use);
  layouts_.push_back(std::move(layout));
  return number;
}

void HostFamilies::Writer::begin(std::uint32_t family) {
  const Family& one = gathered_.families_[family];
  family_ = family;
  at_ = 0;
  has_head_ = false;
  entries_.clear();
  for (std::uint32_t i = 0; i < one.own.size(); ++i) entries_.push_back({one.own[i].host, i});
  for (std::uint32_t i = 0; i < one.uses.size(); ++i) {
    for (const std::uint32_t host : gathered_.layouts_[one.uses[i].layout].hosts)
      entries_.push_back({host, i});
  }
  if (one.uses.size() > 1) {
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.host < b.host; });
  }
}

bool HostFamilies::Writer::write(std::string& out, std::size_t bytes) {
  while (at_ < entries_.size()) {
    if (out.size() >= bytes) return true;
    write_host(out, entries_[at_++]);
  }
  return false;
}

void HostFamilies::Writer::write_host(std::string& out, Entry entry) {
  const Family& family = gathered_.families_[family_];
  if (!family.own.empty()) {
    write_line(out, entry.host, {}, family.own[entry.index].value);
    return;
  }
  const Use& use = family.uses[entry.index];
  const std::vector<double>& values = gathered_.hosts_[entry.host].values;
  const std::span<const Place> places = gathered_.layouts_[use.layout].places;
  for (const Place& place : places.subspan(use.first, use.count)) {
    write_line(out, entry.host, gathered_.series_[place.series].labels, values[place.position]);
  }
}

void HostFamilies::Writer::write_line(std::string& out, std::uint32_t host, std::string_view labels,
                                      double value) {
  if (!std::isfinite(value)) return;
  const Family& family = gathered_.families_[family_];
  if (!std::exchange(has_head_, true)) {
    out.append("# HELP ").append(family.name).append(" ").append(family.help).append("\n# TYPE ");
    out.append(family.name).append(" gauge\n");
  }
  out += family.name;
  out += gathered_.hosts_[host].labels;
  out += labels;
  out += "} ";
  append_number(out, value);
  out += '\n';
}

}  // namespace hostwatch::api
