#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/received_reading.h"

namespace hostwatch::protocol {

class ShapeMemory;

/// What the decoder takes; everything beyond is refused with a text that names the limit.
struct DecodeLimits {
  std::int64_t earliest = 0;           ///< smallest timestamp taken (Unix seconds)
  std::int64_t latest = 253402300799;  ///< greatest timestamp taken (Unix seconds)
  std::int64_t now = 0;                ///< the clock that refusals speak of; 0: they name no difference
  std::size_t max_depth = 16;          ///< nesting of arrays and objects
  std::size_t max_series = 500;        ///< samples in one reading; those beyond are left out of it
  std::size_t max_readings = 10000;    ///< readings in one array
  std::size_t max_errors = 1000;       ///< refused readings that are named; the others are only counted
  /// Why a reading of that host and time cannot be taken at present, or null if it can; unset: all can.
  std::function<const char*(std::string_view hostname, std::int64_t timestamp)> refuses;
};

/// A reading in an array that was refused: where it stood and why.
struct RejectedReading {
  std::size_t index;
  std::string error;
};

/// A series beyond DecodeLimits::max_series.
struct SurplusSeries {
  std::string hostname;
  std::string name;  ///< metric, and the instance in braces
};

/// What a body held. A body that is a single reading has it in `readings` or its refusal in `rejected`.
struct DecodedReadings {
  bool is_array = false;
  std::vector<ReceivedReading> readings;
  std::vector<RejectedReading> rejected;
  std::size_t rejected_count = 0;      ///< at least rejected.size()
  std::vector<SurplusSeries> surplus;  ///< series that were left out of readings; the first of them
  std::size_t surplus_count = 0;       ///< how many times one was left out
};

/// Why nothing of a body can be used.
struct DecodeError {
  std::string error;
  bool too_large = false;  ///< a limit was passed (status 413), not a fault in the text (400)
};

/// Decodes the body of POST /metrics: one reading or an array of readings, by streaming, without building a
/// tree. A bad reading in an array is refused by itself; a body that is not JSON is refused whole. Memory is
/// bounded by the limits and the body's size. With a memory of shapes, a body whose readings are all of
/// shapes that were met before is read much faster; what comes out is the same, bit for bit.
std::variant<DecodedReadings, DecodeError> decode_readings(std::string_view body, const DecodeLimits& limits,
                                                           ShapeMemory* shapes = nullptr);

}  // namespace hostwatch::protocol
