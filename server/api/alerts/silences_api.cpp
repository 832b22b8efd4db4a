#include "server/api/alerts/silences_api.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "server/alerts/telling/definition_fields.h"
#include "server/api/access/access_answers.h"
#include "server/api/alerts/alert_json.h"
#include "server/api/alerts/alert_requests.h"
#include "server/api/answer.h"
#include "server/api/change_later.h"
#include "server/http/requests/json_body.h"

namespace hostwatch::api {
namespace {

constexpr std::size_t kMostSilences = 1000;

http::Response no_such_silence() {
  return http::Response::error(404, "there is no silence of that number");
}

}  // namespace

void SilencesApi::add_routes(Router& router) {
  router.add("GET", "/alerts/silences", Permission::read, [this](const Call& call) { return list(call); });
  router.add("POST", "/alerts/silences", Permission::manage, [this](const Call& call) { return make(call); });
  router.add("DELETE", "/alerts/silences/{id}", Permission::manage,
             [this](const Call& call) { return remove(call); });
}

Reply SilencesApi::list(const Call& call) const {
  return look_later(services_.ingest, call, [this](storage::Store&) {
    const alerts::Teller& teller = services_.alerts.engine.teller();
    const std::int64_t now = services_.clock();
    std::string text = "{\"silences\":[";
    const char* separator = "";
    for (const alerts::Silence& one : teller.silences()) {
      text.append(separator).append(silence_json(one, teller.is_active(one.id, now)));
      separator = ",";
    }
    return http::Response::json(text + "]}");
  });
}

Reply SilencesApi::make(const Call& call) const {
  if (auto refusal = http::refuse_body(call.request)) return Reply::now(*std::move(refusal));
  alerts::Silence wanted;
  try {
    wanted = alerts::silence_from_json(call.request.body, services_.clock());
  } catch (const alerts::TellingError& error) {
    return refuse(400, error.what());
  }
  wanted.author = author_of(services_, call);
  auto work = [this, wanted = std::move(wanted),
               maker = services_.access.maker_of(call.context.caller)](storage::Store&) {
    const alerts::Teller& teller = services_.alerts.engine.teller();
    if (teller.silences().size() >= kMostSilences) {
      return http::Response::error(
          409, "there are " + std::to_string(kMostSilences) + " silences already; remove some");
    }
    const alerts::Silence made = services_.alerts.engine.add_silence(wanted);
    spdlog::info("silence {} until {} was made by {}: {}", made.id, made.until, shown(maker),
                 shown(made.reason));
    return http::Response::json(silence_json(made, teller.is_active(made.id, services_.clock())), 201);
  };
  return change_later(services_.ingest, call, {}, "changed", std::move(work));
}

Reply SilencesApi::remove(const Call& call) const {
  const auto id = number_in_path(call.path.at("id"));
  if (!id) return Reply::now(no_such_silence());
  auto work = [this, id = *id, maker = services_.access.maker_of(call.context.caller)](storage::Store&) {
    if (!services_.alerts.engine.remove_silence(id)) return no_such_silence();
    spdlog::info("silence {} was removed by {}", id, shown(maker));
    return ok_answer();
  };
  return change_later(services_.ingest, call, {}, "changed", std::move(work));
}

}  // namespace hostwatch::api
