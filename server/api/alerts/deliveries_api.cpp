#include "server/api/alerts/deliveries_api.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "server/api/access/access_answers.h"
#include "server/api/alerts/alarms_query.h"
#include "server/api/alerts/alert_json.h"
#include "server/api/answer.h"
#include "server/api/change_later.h"
#include "server/http/requests/query_text.h"
#include "server/storage/alert_store.h"

namespace hostwatch::api {
void DeliveriesApi::add_routes(Router& router) {
  router.add("GET", "/alerts/deliveries", Permission::manage,
             [this](const Call& call) { return list(call); });
  router.add("POST", "/alerts/deliveries/{id}/retry", Permission::manage,
             [this](const Call& call) { return retry(call); });
}

Reply DeliveriesApi::list(const Call& call) const {
  auto parsed = parse_deliveries_query(http::query_parameters(call.request.target));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return refuse(400, *wrong);
  return write_later(
      services_.workers.queries, call, services_.limits,
      [this, query = std::get<storage::DeliveryQuery>(std::move(parsed))](AnswerText& text, http::Response&) {
        text.out() += "{\"deliveries\":[";
        const char* separator = "";
        for (const storage::DeliveryRow& row : std::as_const(services_.store).alerts().deliveries(query)) {
          text.out().append(separator).append(delivery_json(row));
          separator = ",";
          text.go_on();
        }
        text.out() += "]}";
      });
}

Reply DeliveriesApi::retry(const Call& call) const {
  auto work = [this, id = call.path.at("id"),
               maker = services_.access.maker_of(call.context.caller)](storage::Store& store) {
    storage::DeliveryQuery query;
    query.id = id;
    const std::vector<storage::DeliveryRow> found = store.alerts().deliveries(query);
    const storage::DeliveryRow* const row = found.empty() ? nullptr : &found.front();
    if (row == nullptr) return http::Response::error(404, "there is no message of that id");
    if (row->state != "dead")
      return http::Response::error(409, "only a message that was given up is sent again");
    if (!services_.alerts.engine.retry(*row)) {
      return http::Response::error(409,
                                   "the message cannot be sent again: its channel is not there any more");
    }
    spdlog::info("message {} to channel '{}' is sent again by {}", row->id, shown(row->channel),
                 shown(maker));
    return ok_answer();
  };
  return change_later(services_.ingest, call, {}, "changed", std::move(work));
}

}  // namespace hostwatch::api
