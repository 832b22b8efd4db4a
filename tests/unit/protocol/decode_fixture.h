#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "protocol/decode.h"
#include "tests/unit/protocol/decode_every_way.h"

namespace hostwatch::protocol::test {

inline constexpr std::int64_t kNow = 1763884800;

inline DecodeLimits limits() {
  DecodeLimits limits;
  limits.now = kNow;
  limits.earliest = kNow - 7 * 86400;
  limits.latest = kNow + 300;
  return limits;
}

/// A reading's text; each argument is JSON as it stands in the body.
struct Text {
  std::string hostname = "\"web-1\"";
  std::string timestamp = "1763884800";
  std::string cpu = "12.5";
  std::string ram = "41.0";
  std::string disk = "73.2";
  std::string more;  ///< further members, each with a comma in front

  std::string text() const {
    return "{\"hostname\":" + hostname + ",\"timestamp\":" + timestamp + ",\"cpu\":" + cpu +
           ",\"ram\":" + ram + ",\"disk\":" + disk + more + "}";
  }
};

inline std::string good(std::string_view hostname) {
  Text text;
  text.hostname = "\"" + std::string(hostname) + "\"";
  return text.text();
}

/// The readings of a body that can be read; a failure otherwise.
inline DecodedReadings decoded(std::string_view body, const DecodeLimits& with = limits()) {
  auto result = decode_every_way(body, with);
  if (const auto* error = std::get_if<DecodeError>(&result)) {
    ADD_FAILURE() << "refused whole: " << error->error;
    return {};
  }
  return std::get<DecodedReadings>(std::move(result));
}

/// The one reading of a body that is a good reading.
inline Reading one(std::string_view body, const DecodeLimits& with = limits()) {
  DecodedReadings result = decoded(body, with);
  for (const RejectedReading& rejected : result.rejected) ADD_FAILURE() << "rejected: " << rejected.error;
  EXPECT_FALSE(result.is_array);
  if (result.readings.size() != 1) {
    ADD_FAILURE() << result.readings.size() << " readings";
    return {};
  }
  return with_names(result.readings.front());
}

/// Why nothing of the body can be used; empty (and a failure) if something can.
inline DecodeError refusal(std::string_view body, const DecodeLimits& with = limits()) {
  auto result = decode_every_way(body, with);
  if (const auto* error = std::get_if<DecodeError>(&result)) return *error;
  ADD_FAILURE() << "not refused";
  return {};
}

}  // namespace hostwatch::protocol::test
