#include "agent/spool/reading_record.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "protocol/catalogue.h"
#include "protocol/packed_values.h"
#include "util/text/varint.h"

namespace hostwatch::agent {
namespace {

using protocol::pack_value;
using protocol::unpack_value;
using util::put_varint;
using util::take_varint;
using util::unzigzag;
using util::zigzag;

constexpr char kLayout = 'L';
constexpr char kReading = 'R';
constexpr std::size_t kHashBytes = 8;
constexpr int kPercentDecimals = 1;
constexpr int kMostDecimals = 6;
constexpr std::size_t kMostLayouts = 64;

int decimals_of(std::string_view metric) {
  const protocol::MetricDefinition* known = protocol::find_metric(metric);
  return known != nullptr ? known->decimals : protocol::kCustomDecimals;
}

/// FNV-1a: the same in every version, as it is written to files.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

std::optional<std::string_view> take_text(std::string_view& bytes) {
  const auto length = take_varint(bytes);
  if (!length || *length > bytes.size()) return std::nullopt;
  const std::string_view text = bytes.substr(0, *length);
  bytes.remove_prefix(*length);
  return text;
}

std::optional<std::uint64_t> take_hash(std::string_view& bytes) {
  if (bytes.size() < kHashBytes) return std::nullopt;
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < kHashBytes; ++i) {
    hash |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  bytes.remove_prefix(kHashBytes);
  return hash;
}

}  // namespace

ReadingRecordWriter::Payloads ReadingRecordWriter::write(const protocol::Reading& reading) {
  new_layout_.assign(1, kLayout);
  put_text(new_layout_, reading.hostname);
  reading_.assign(1, kReading);
  reading_.append(kHashBytes, '\0');
  put_varint(reading_, zigzag(reading.timestamp));
  for (const double percent : {reading.cpu, reading.ram, reading.disk}) {
    pack_value(reading_, percent, kPercentDecimals);
  }
  for (const protocol::Sample& sample : reading.samples) {
    if (!std::isfinite(sample.value)) continue;
    const int decimals = decimals_of(sample.metric);
    put_text(new_layout_, sample.metric);
    put_text(new_layout_, sample.instance);
    new_layout_ += static_cast<char>(decimals);
    pack_value(reading_, sample.value, decimals);
  }
  if (reading.facts) put_text(reading_, protocol::facts_json(*reading.facts));

  Payloads payloads;
  if (new_layout_ != layout_ || since_layout_ >= kLayoutEvery) {
    std::swap(layout_, new_layout_);
    hash_ = hash_of(layout_);
    since_layout_ = 0;
    payloads.layout = layout_;
  }
  ++since_layout_;
  for (std::size_t i = 0; i < kHashBytes; ++i) reading_[1 + i] = static_cast<char>(hash_ >> (8 * i));
  payloads.reading = reading_;
  return payloads;
}

bool ReadingRecordReader::is_reading(std::string_view payload) {
  return payload.starts_with(kReading);
}

std::optional<ReadingRecordReader::Layout> ReadingRecordReader::parse_layout(std::string_view bytes) {
  Layout layout;
  const auto hostname = take_text(bytes);
  if (!hostname) return std::nullopt;
  layout.hostname = *hostname;
  while (!bytes.empty()) {
    const auto metric = take_text(bytes);
    const auto instance = metric ? take_text(bytes) : std::nullopt;
    if (!instance || bytes.empty()) return std::nullopt;
    const int decimals = bytes.front();
    bytes.remove_prefix(1);
    if (decimals < 0 || decimals > kMostDecimals) return std::nullopt;
    layout.series.push_back({std::string(*metric), std::string(*instance), decimals});
  }
  return layout;
}

void ReadingRecordReader::learn(std::string_view payload) {
  if (!payload.starts_with(kLayout)) return;
  const std::uint64_t hash = hash_of(payload);
  const auto known = layouts_.find(hash);
  if (known != layouts_.end()) {
    known->second.learnt = ++learnt_;
    return;
  }
  auto layout = parse_layout(payload.substr(1));
  if (!layout) return;
  layout->learnt = ++learnt_;
  layouts_.emplace(hash, std::move(*layout));
  if (layouts_.size() > kMostLayouts) {
    layouts_.erase(std::min_element(layouts_.begin(), layouts_.end(), [](const auto& a, const auto& b) {
      return a.second.learnt < b.second.learnt;
    }));
  }
}

std::optional<protocol::Reading> ReadingRecordReader::read(std::string_view payload) const {
  if (!is_reading(payload)) return std::nullopt;
  payload.remove_prefix(1);
  const auto hash = take_hash(payload);
  const auto found = hash ? layouts_.find(*hash) : layouts_.end();
  if (found == layouts_.end()) return std::nullopt;
  const Layout& layout = found->second;

  protocol::Reading reading;
  reading.hostname = layout.hostname;
  const auto timestamp = take_varint(payload);
  if (!timestamp) return std::nullopt;
  reading.timestamp = unzigzag(*timestamp);
  for (double* percent : {&reading.cpu, &reading.ram, &reading.disk}) {
    const auto value = unpack_value(payload, kPercentDecimals);
    if (!value) return std::nullopt;
    *percent = *value;
  }
  reading.samples.reserve(layout.series.size());
  for (const Series& series : layout.series) {
    const auto value = unpack_value(payload, series.decimals);
    if (!value) return std::nullopt;
    reading.samples.push_back({series.metric, series.instance, *value});
  }
  if (payload.empty()) return reading;
  const auto facts = take_text(payload);
  if (!facts || !payload.empty()) return std::nullopt;
  reading.facts = protocol::facts_from_json(*facts);
  return reading;
}

}  // namespace hostwatch::agent
