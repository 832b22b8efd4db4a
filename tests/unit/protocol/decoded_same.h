#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <variant>

#include "protocol/decode.h"

namespace hostwatch::protocol::test {

using Decoded = std::variant<DecodedReadings, DecodeError>;

inline bool is_same_bit_for_bit(const ReceivedReading& a, const ReceivedReading& b) {
  const auto same = [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  };
  return a == b && same(a.cpu, b.cpu) && same(a.ram, b.ram) && same(a.disk, b.disk) &&
         std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), same);
}

/// Whether two decodings came to the same: what was taken, bit for bit, and each word of what was refused.
inline bool is_same(const Decoded& a, const Decoded& b) {
  if (const auto* error = std::get_if<DecodeError>(&a)) {
    const auto* other = std::get_if<DecodeError>(&b);
    return other != nullptr && other->error == error->error && other->too_large == error->too_large;
  }
  const auto* other = std::get_if<DecodedReadings>(&b);
  if (other == nullptr) return false;
  const auto& one = std::get<DecodedReadings>(a);
  const auto same_refusal = [](const RejectedReading& x, const RejectedReading& y) {
    return x.index == y.index && x.error == y.error;
  };
  const auto same_surplus = [](const SurplusSeries& x, const SurplusSeries& y) {
    return x.hostname == y.hostname && x.name == y.name;
  };
  return one.is_array == other->is_array && one.rejected_count == other->rejected_count &&
         one.surplus_count == other->surplus_count &&
         std::equal(one.readings.begin(), one.readings.end(), other->readings.begin(), other->readings.end(),
                    is_same_bit_for_bit) &&
         std::equal(one.rejected.begin(), one.rejected.end(), other->rejected.begin(), other->rejected.end(),
                    same_refusal) &&
         std::equal(one.surplus.begin(), one.surplus.end(), other->surplus.begin(), other->surplus.end(),
                    same_surplus);
}

}  // namespace hostwatch::protocol::test
