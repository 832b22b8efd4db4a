// Two bodies of POST /metrics, divided by a NUL, the second after the first: read by what is remembered of
// shapes they come to the same as by every rule.
#include "protocol/encode.h"
#include "protocol/shape_memory.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/protocol/decoded_same.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch::protocol;
  DecodeLimits limits;
  limits.max_readings = 100;
  limits.max_errors = 10;
  ShapeMemory shapes;
  std::string_view rest = hostwatch::fuzz::text_of(data, size);
  for (int part = 0; part < 2; ++part) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view body = rest.substr(0, end);
    for (int time = 0; time < 2; ++time) {
      hostwatch::fuzz::must(
          test::is_same(decode_readings(body, limits, &shapes), decode_readings(body, limits)));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return 0;
}
