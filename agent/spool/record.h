#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hostwatch::agent {

/// A record of the spool: a mark, the payload's length, a sequence number, a CRC-32C over these two and the
/// payload, the payload. Numbers are little-endian. Nothing is ever rewritten.
inline constexpr std::size_t kRecordHeaderBytes = 20;
inline constexpr std::size_t kMaxPayloadBytes = 1U << 20U;

/// Appends one record. `payload`: 1 byte to kMaxPayloadBytes.
void append_record(std::string& out, std::uint64_t sequence, std::string_view payload);

/// What read_records() met.
struct RecordCounts {
  std::size_t records = 0;
  std::size_t damaged = 0;  ///< places, of one or more records, that were passed over
};

/// Called for each sound record; false ends the reading.
using RecordVisitor = std::function<bool(std::uint64_t sequence, std::string_view payload)>;

/// Reads the records of a file's bytes. What is damaged, torn or foreign is passed over up to the next sound
/// record. Pure; never throws by itself.
RecordCounts read_records(std::string_view bytes, const RecordVisitor& visit);

}  // namespace hostwatch::agent
