// The parameters of GET /data and GET /fleet, from the text of a query on.
#include "server/api/history/query_parameters.h"
#include "server/http/requests/query_text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  constexpr std::int64_t kNow = 1763884800;
  const http::Params parameters = http::query_parameters("/data?" + std::string(fuzz::text_of(data, size)));
  const auto parsed = api::parse_data_query(parameters, kNow, kNow - 86400);
  if (const auto* query = std::get_if<api::DataQuery>(&parsed)) {
    fuzz::must(query->history.from <= query->history.to || query->history.to < kNow - 86400);
    fuzz::must(query->history.step.value_or(0) >= 0);
  } else {
    fuzz::must(!std::get<std::string>(parsed).empty());
  }
  const auto fleet = api::parse_fleet_query(parameters, kNow, kNow - 86400);
  if (const auto* request = std::get_if<query::FleetRequest>(&fleet)) {
    fuzz::must(request->from <= request->to || request->to < kNow - 86400);
    fuzz::must(!request->metric.empty() && request->top <= 50 && request->points >= 1);
  } else {
    fuzz::must(!std::get<std::string>(fleet).empty());
  }
  return 0;
}
