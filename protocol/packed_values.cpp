#include "protocol/packed_values.h"

#include <array>
#include <cstring>

#include "util/decimal.h"
#include "util/text/varint.h"

namespace hostwatch::protocol {
namespace {

constexpr std::uint64_t kRaw = 1;  ///< lowest bit of the varint: the value's eight bytes follow

double power_of_ten(int decimals) {
  return util::kPowersOfTen.at(static_cast<std::size_t>(decimals));
}

}  // namespace

void pack_value(std::string& out, double value, int decimals) {
  if (const auto integer = util::decimal_integer(value, power_of_ten(decimals))) {
    util::put_varint(out, util::zigzag(*integer) << 1U);
    return;
  }
  util::put_varint(out, kRaw);
  std::array<char, sizeof value> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  out.append(bytes.data(), bytes.size());
}

std::optional<double> unpack_value(std::string_view& bytes, int decimals) {
  const auto coded = util::take_varint(bytes);
  if (!coded) return std::nullopt;
  if ((*coded & kRaw) == 0) return static_cast<double>(util::unzigzag(*coded >> 1U)) / power_of_ten(decimals);
  double value = 0;
  if (*coded != kRaw || bytes.size() < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

bool skip_value(std::string_view& bytes) {
  const auto coded = util::take_varint(bytes);
  if (!coded) return false;
  if ((*coded & kRaw) == 0) return true;
  if (bytes.size() < sizeof(double)) return false;
  bytes.remove_prefix(sizeof(double));
  return true;
}

}  // namespace hostwatch::protocol
