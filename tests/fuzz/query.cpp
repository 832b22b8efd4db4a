// The parameters of GET /data, as the library takes them apart.
#include <httplib.h>

#include "server/http/query_parameters.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  constexpr std::int64_t kNow = 1763884800;
  httplib::Params parameters;
  httplib::detail::parse_query_text(std::string(fuzz::text_of(data, size)), parameters);
  const auto parsed = http::parse_data_query(parameters, kNow, kNow - 86400);
  if (const auto* query = std::get_if<http::DataQuery>(&parsed)) {
    fuzz::must(query->history.from <= query->history.to || query->history.to < kNow - 86400);
    fuzz::must(query->history.step.value_or(0) >= 0);
  } else {
    fuzz::must(!std::get<std::string>(parsed).empty());
  }
  return 0;
}
