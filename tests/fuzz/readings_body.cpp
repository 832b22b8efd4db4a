// A request with readings: the first byte chooses its coding, the rest is the body, gzip among others.
#include "server/api/readings/readings_body.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  if (size == 0) return 0;
  http::Request request;
  request.headers.emplace("Content-Type", "application/json");
  if (data[0] % 2 == 0) request.headers.emplace("Content-Encoding", "gzip");
  request.body = fuzz::text_of(data + 1, size - 1);
  api::ReadingsBodyLimits limits;
  limits.max_inflated_bytes = 1U << 20U;
  protocol::ShapeMemory shapes;
  const auto body = api::read_readings_body(request, limits, shapes);
  if (const auto* refusal = std::get_if<http::Response>(&body))
    fuzz::must(refusal->status >= 400 && refusal->status < 500);
  return 0;
}
