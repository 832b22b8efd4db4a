#include "server/api/health_api.h"

#include <optional>
#include <string>

#include "server/api/answer.h"
#include "util/text/json_object.h"

namespace hostwatch::api {
namespace {

Reply failing(const std::string& reason) {
  util::JsonObjectWriter body;
  body.text("status", "failing");
  body.text("reason", reason);
  return Reply::now(http::Response::json(body.finish(), 503));
}

}  // namespace

void HealthApi::add_routes(Router& router) {
  router.add("GET", "/health", Permission::health, [this](const Call& call) { return health(call); });
}

/// Whoever may not read learns whether the server is well, and nothing else of it.
Reply HealthApi::health(const Call& call) {
  const bool may_read = call.context.caller.may_read;
  if (const auto failure = services_.ingest.failure()) {
    return failing(may_read ? *failure : "readings cannot be stored; the server's log says why");
  }
  if (const auto failure = services_.access.store().failure()) {
    return failing(may_read ? *failure : "credentials cannot be kept; the server's log says why");
  }
  if (!may_read) return Reply::now(ok_answer());
  util::JsonObjectWriter body;
  body.text("status", "ok");
  body.text("version", HOSTWATCH_VERSION);
  body.json("database", database_.json(services_.clock()));
  return Reply::now(http::Response::json(body.finish()));
}

}  // namespace hostwatch::api
