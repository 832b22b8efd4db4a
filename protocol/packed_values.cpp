#include "protocol/packed_values.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "util/text/varint.h"

namespace hostwatch::protocol {
namespace {

constexpr std::uint64_t kRaw = 1;  ///< lowest bit of the varint: the value's eight bytes follow
constexpr std::array<double, 7> kPowers{1, 10, 100, 1e3, 1e4, 1e5, 1e6};

double power_of_ten(int decimals) {
  return kPowers.at(static_cast<std::size_t>(decimals));
}

}  // namespace

void pack_value(std::string& out, double value, int decimals) {
  const double power = power_of_ten(decimals);
  const double scaled = std::round(value * power);
  if (std::fabs(scaled) < 9007199254740992.0) {  // within 2^53 the integer is exact
    const auto integer = static_cast<std::int64_t>(scaled);
    // The division has to give the very same bits: it does not for 0.1 + 0.2, and an integer has no -0.
    if (std::bit_cast<std::uint64_t>(static_cast<double>(integer) / power) ==
        std::bit_cast<std::uint64_t>(value)) {
      util::put_varint(out, util::zigzag(integer) << 1U);
      return;
    }
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
