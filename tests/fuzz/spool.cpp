// A file of the agent's spool after whatever happened to its disk: nothing is invented, and sound records
// come back.
#include <map>

#include "agent/spool/reading_record.h"
#include "agent/spool/record.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  const std::string_view bytes = fuzz::text_of(data, size);
  agent::ReadingRecordReader readings;
  std::size_t total = 0;
  const auto counts = agent::read_records(bytes, [&](std::uint64_t, std::string_view payload) {
    fuzz::must(!payload.empty() && payload.size() <= agent::kMaxPayloadBytes);
    total += payload.size() + agent::kRecordHeaderBytes;
    readings.learn(payload);
    readings.read(payload);
    return true;
  });
  fuzz::must(total <= size && counts.records * agent::kRecordHeaderBytes <= size);
  // The input as a payload: first without the checksum that keeps such ones away, then between two sound
  // records.
  readings.learn(bytes);
  readings.read(bytes);
  if (size == 0 || size > 4096) return 0;
  std::string file;
  agent::append_record(file, 1, "a");
  file += bytes;
  agent::append_record(file, 2, "b");
  std::map<std::uint64_t, std::string> found;
  agent::read_records(file, [&](std::uint64_t number, std::string_view payload) {
    found.emplace(number, payload);
    return true;
  });
  fuzz::must(found.contains(1) && found.at(1) == "a");
  return 0;
}
