#include "server/api/hosts/hosts_api.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "server/api/access/access_answers.h"
#include "server/api/answer.h"
#include "server/api/change_later.h"
#include "server/api/history/query_parameters.h"
#include "server/api/hosts/host_json.h"
#include "server/http/requests/query_text.h"

namespace hostwatch::api {
namespace {

http::Response not_there() {
  return http::Response::error(404, "there is no host of that name");
}

/// The host of /hosts?hostname=NAME, for names that browsers make another address of: "." and "..", however
/// they are written (WHATWG URL, 4.1). Readings of such names were taken once.
std::string host_in_query(const http::Request& request) {
  const auto parameters = http::query_parameters(request.target);
  const auto named = parameters.find("hostname");
  return named == parameters.end() ? std::string() : named->second;
}

}  // namespace

void HostsApi::add_routes(Router& router) {
  router.add("GET", "/hosts", Permission::read, [this](const Call& call) { return list(call); });
  router.add("DELETE", "/hosts", Permission::manage,
             [this](const Call& call) { return delete_host(call, host_in_query(call.request)); });
  router.add("DELETE", "/hosts/{name}", Permission::manage,
             [this](const Call& call) { return delete_host(call, call.path.at("name")); });
  router.add("POST", "/hosts/{name}/clean", Permission::manage,
             [this](const Call& call) { return delete_history(call, call.path.at("name")); });
}

Reply HostsApi::list(const Call& call) {
  auto parsed = parse_hosts_query(http::query_parameters(call.request.target));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return refuse(400, *wrong);
  return write_later(
      services_.workers.overviews, call, services_.limits,
      [this, query = std::get<HostsQuery>(std::move(parsed))](AnswerText& text, http::Response&) {
        const std::int64_t now = services_.clock();
        const ingest::AgentsByHost agents = services_.agents.snapshot(now);
        const alerts::SharedSnapshot alarms = services_.alerts.engine.snapshot();
        const EachHost hosts = hosts_of(services_.store);
        if (!query.since) {
          format_hosts(hosts, agents, now, query, text, alarms);
        } else {
          lists_.with(question_of(query), [&](ToldHosts& told) {
            format_changed_hosts(hosts, agents, now, query, told, text, alarms);
          });
        }
      });
}

Reply HostsApi::delete_host(const Call& call, const std::string& host) const {
  const auto shut_out = http::flag_of(call.request, "shut_out");
  if (const auto* wrong = std::get_if<http::Response>(&shut_out)) return Reply::now(*wrong);
  const auto wanted = std::get<std::optional<bool>>(shut_out);
  const auth::Farewell farewell = !wanted   ? auth::Farewell::by_token
                                  : *wanted ? auth::Farewell::shut_out
                                            : auth::Farewell::may_return;
  auto change = [this, name = host, farewell,
                 by = services_.access.maker_of(call.context.caller)](storage::Store& store) {
    auth::CredentialStore& credentials = services_.access.store();
    // One that has enrolled and not sent yet is there by its token alone.
    const bool has_history = store.knows(name);
    if (!has_history && !credentials.has_tokens_of(name)) return not_there();
    // Its own tokens go first: an agent that is still there must not bring it back.
    const bool is_shut_out = credentials.delete_host(name, farewell, by, services_.clock());
    if (has_history && !store.delete_host(name)) return not_there();
    services_.agents.delete_host(name);
    services_.alerts.engine.host_deleted(name);
    spdlog::info("host '{}' was deleted by {}{}", shown(name), shown(by),
                 is_shut_out ? "; it is shut out" : "");
    util::JsonObjectWriter answer = ok_json();
    if (is_shut_out) answer.boolean("shut_out", true);
    return http::Response::json(answer.finish());
  };
  return change_later(services_.ingest, call, host, "deleted", std::move(change));
}

Reply HostsApi::delete_history(const Call& call, const std::string& host) const {
  auto change = [this, name = host,
                 by = services_.access.maker_of(call.context.caller)](storage::Store& store) {
    if (!store.delete_history(name, services_.clock())) return not_there();
    services_.alerts.engine.history_deleted(name);
    spdlog::info("the history of host '{}' was deleted by {}", shown(name), shown(by));
    return ok_answer();
  };
  return change_later(services_.ingest, call, host, "deleted", std::move(change));
}

}  // namespace hostwatch::api
