#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "protocol/shape_memory.h"
#include "tests/unit/protocol/decoded_same.h"

namespace hostwatch::protocol::test {

/// What decode_readings() makes of the body by every rule; and that it is the same with a memory of shapes
/// that has never met it, and with one that has.
inline Decoded decode_every_way(std::string_view body, const DecodeLimits& limits) {
  Decoded by_the_rules = decode_readings(body, limits);
  ShapeMemory shapes;
  for (const char* time : {"first", "second", "third"}) {
    EXPECT_TRUE(is_same(decode_readings(body, limits, &shapes), by_the_rules)) << time << " time: " << body;
  }
  return by_the_rules;
}

}  // namespace hostwatch::protocol::test
