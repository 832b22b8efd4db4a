// The body of POST /metrics. What is taken can be written and read again as the same.
#include "protocol/decode.h"

#include "protocol/encode.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  protocol::DecodeLimits limits;
  limits.max_readings = 100;
  limits.max_errors = 10;
  const auto decoded = protocol::decode_readings(fuzz::text_of(data, size), limits);
  const auto* good = std::get_if<protocol::DecodedReadings>(&decoded);
  if (good == nullptr) return 0;
  for (const protocol::ReceivedReading& reading : good->readings) {
    const auto again =
        protocol::decode_readings(protocol::encode_reading(protocol::with_names(reading)), limits);
    const auto* same = std::get_if<protocol::DecodedReadings>(&again);
    fuzz::must(same != nullptr && same->readings.size() == 1);
    fuzz::must(same->readings.front().hostname == reading.hostname);
    fuzz::must(same->readings.front().timestamp == reading.timestamp);
    fuzz::must(*same->readings.front().layout == *reading.layout);
    if (!reading.facts) continue;
    fuzz::must(reading.facts->tags.size() <= protocol::kMostTags);
    fuzz::must(same->readings.front().facts->tags == reading.facts->tags);
  }
  return 0;
}
