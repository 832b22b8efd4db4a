#include "server/api/history/fleet_api.h"

#include <utility>

#include "server/api/answer.h"
#include "server/api/history/fleet_format.h"
#include "server/api/history/query_parameters.h"
#include "server/http/requests/query_text.h"

namespace hostwatch::api {

void FleetApi::add_routes(Router& router) {
  router.add("GET", "/fleet", Permission::read, [this](const Call& call) { return fleet(call); });
}

Reply FleetApi::fleet(const Call& call) const {
  const std::int64_t now = services_.clock();
  auto parsed = parse_fleet_query(http::query_parameters(call.request.target), now,
                                  services_.store.earliest_history(now));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return refuse(400, *wrong);
  return write_later(
      services_.workers.queries, call, services_.limits,
      [this, request = std::get<query::FleetRequest>(std::move(parsed))](AnswerText& text, http::Response&) {
        format_fleet(query::read_fleet(services_.store, request, text.budget()), request, text);
      });
}

}  // namespace hostwatch::api
