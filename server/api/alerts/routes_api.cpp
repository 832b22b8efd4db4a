#include "server/api/alerts/routes_api.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "server/alerts/telling/definition_fields.h"
#include "server/alerts/telling/routes.h"
#include "server/api/access/access_answers.h"
#include "server/api/alerts/alert_json.h"
#include "server/api/answer.h"
#include "server/api/change_later.h"
#include "server/http/requests/json_body.h"

namespace hostwatch::api {
namespace {

/// {"routes": [...]} or the list alone. Throws TellingError.
std::vector<alerts::Route> routes_in(const std::string& body) {
  const nlohmann::json given = alerts::parse_definition(body, "routes");
  if (!given.is_object()) return alerts::routes_from_json(body);
  if (given.size() != 1 || !given.contains("routes")) {
    throw alerts::TellingError("routes", "must stand alone: {\"routes\": [...]}");
  }
  return alerts::routes_from_json(given.at("routes").dump());
}

}  // namespace

void RoutesApi::add_routes(Router& router) {
  router.add("GET", "/alerts/routes", Permission::manage, [this](const Call& call) { return list(call); });
  router.add("PUT", "/alerts/routes", Permission::manage, [this](const Call& call) { return put(call); });
}

Reply RoutesApi::list(const Call& call) const {
  return look_later(services_.ingest, call, [this](storage::Store&) {
    return http::Response::json(
        "{\"routes\":" + alerts::routes_to_json(services_.alerts.engine.teller().routes()) + "}");
  });
}

Reply RoutesApi::put(const Call& call) const {
  if (auto refusal = http::refuse_body(call.request)) return Reply::now(*std::move(refusal));
  std::vector<alerts::Route> routes;
  try {
    routes = routes_in(call.request.body);
  } catch (const alerts::TellingError& error) {
    return refuse(400, error.what());
  }
  std::vector<alerts::TellingChannel> channels;
  for (const delivery::Channel& one : *services_.alerts.channels.all()) {
    channels.push_back({one.name, one.kind, one.is_default, one.enabled});
  }
  // A route to nobody would be found when nobody is told.
  const std::vector<std::string> unknown = alerts::unknown_channels(routes, channels);
  if (!unknown.empty()) return refuse(400, "routes: there is no channel '" + shown(unknown.front()) + "'");
  auto work = [this, routes = std::move(routes),
               maker = services_.access.maker_of(call.context.caller)](storage::Store&) {
    services_.alerts.engine.set_routes(routes);
    spdlog::info("the routes of alarms were changed by {}", shown(maker));
    return http::Response::json("{\"routes\":" + alerts::routes_to_json(routes) + "}");
  };
  return change_later(services_.ingest, call, {}, "changed", std::move(work));
}

}  // namespace hostwatch::api
