#include "agent/spool/record.h"

#include "util/crc32c.h"

namespace hostwatch::agent {
namespace {

constexpr std::string_view kMark = "HWr\x01";
constexpr std::size_t kLengthAt = 4;
constexpr std::size_t kSequenceAt = 8;
constexpr std::size_t kCrcAt = 16;

template <typename Number>
void append_number(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) out += static_cast<char>(number >> (8 * i));
}

template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number |= static_cast<Number>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

std::uint32_t sum_of(std::string_view length_and_sequence, std::string_view payload) {
  return util::crc32c(payload, util::crc32c(length_and_sequence));
}

/// The payload of the record that `bytes` begin with; empty if there is no sound one.
std::string_view sound_payload(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes || !bytes.starts_with(kMark)) return {};
  const std::size_t length = number_at<std::uint32_t>(bytes, kLengthAt);
  if (length == 0 || length > kMaxPayloadBytes || length > bytes.size() - kRecordHeaderBytes) return {};
  const std::string_view payload = bytes.substr(kRecordHeaderBytes, length);
  const std::uint32_t sum = sum_of(bytes.substr(kLengthAt, kCrcAt - kLengthAt), payload);
  return sum == number_at<std::uint32_t>(bytes, kCrcAt) ? payload : std::string_view();
}

}  // namespace

void append_record(std::string& out, std::uint64_t sequence, std::string_view payload) {
  const std::size_t begin = out.size();
  out += kMark;
  append_number(out, static_cast<std::uint32_t>(payload.size()));
  append_number(out, sequence);
  const std::uint32_t sum = sum_of(std::string_view(out).substr(begin + kLengthAt), payload);
  append_number(out, sum);
  out += payload;
}

RecordCounts read_records(std::string_view bytes, const RecordVisitor& visit) {
  RecordCounts counts;
  bool in_damage = false;
  while (!bytes.empty()) {
    const std::string_view payload = sound_payload(bytes);
    if (!payload.empty()) {
      in_damage = false;
      ++counts.records;
      if (!visit(number_at<std::uint64_t>(bytes, kSequenceAt), payload)) return counts;
      bytes.remove_prefix(kRecordHeaderBytes + payload.size());
      continue;
    }
    if (!in_damage) ++counts.damaged;
    in_damage = true;
    const std::size_t next = bytes.find(kMark, 1);
    if (next == std::string_view::npos) break;
    bytes.remove_prefix(next);
  }
  return counts;
}

}  // namespace hostwatch::agent
