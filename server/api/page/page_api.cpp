#include "server/api/page/page_api.h"

#include <utility>

#include "server/api/answer.h"

namespace hostwatch::api {
namespace {

/// `where`: relative, so that it is right under any base path; and a constant, so that nobody is led away.
Reply lead_to(const char* where) {
  http::Response response;
  response.status = 302;
  response.headers.emplace_back("Location", where);
  return Reply::now(std::move(response));
}

}  // namespace

void PageApi::add_routes(Router& router) {
  router.add("GET", "/", Permission::open, [](const Call&) { return lead_to("dashboard"); });
  router.add("GET", "/dashboard", Permission::open, [this](const Call& call) { return dashboard(call); });
  router.add("GET", "/assets/{file}", Permission::open, [this](const Call& call) { return asset(call); });
}

/// With a slash behind it the page's addresses, which are relative, would lead elsewhere.
Reply PageApi::dashboard(const Call& call) const {
  if (call.request.path == "/dashboard/") return lead_to("../dashboard");
  if (call.request.path != "/dashboard") {
    return refuse(404, "there is nothing at this address; the page is at /dashboard");
  }
  return Reply::now(assets_.page(call.request));
}

/// With a slash behind it a script's addresses, which are relative, would lead elsewhere.
Reply PageApi::asset(const Call& call) const {
  if (call.request.path.ends_with('/')) return refuse(404, "there is no such file");
  auto response = assets_.file(call.path.at("file"), call.request);
  if (!response) return refuse(404, "there is no such file");
  return Reply::now(*std::move(response));
}

}  // namespace hostwatch::api
