#include "server/api/access/enrollment_api.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <variant>

#include "protocol/names.h"
#include "server/api/access/access_answers.h"
#include "server/api/answer.h"
#include "server/http/requests/json_body.h"
#include "server/http/requests/query_text.h"
#include "server/http/requests/request.h"
#include "util/text/json_object.h"

namespace hostwatch::api {
namespace {

using util::JsonObject;
using util::JsonObjectWriter;

/// The agent that ?agent= names, empty if it is not there; or a refusal.
std::variant<std::string, http::Response> named_agent(const Call& call, const std::string& host) {
  if (const auto why = protocol::why_not_host_name(host))
    return http::Response::error(400, "the host's name " + *why);
  const auto parameters = http::query_parameters(call.request.target);
  const auto named = parameters.find("agent");
  if (named == parameters.end()) return std::string();
  if (!ingest::is_agent_identity(named->second)) {
    return http::Response::error(400, "agent must be 32 hexadecimal digits");
  }
  return named->second;
}

http::Response allowed(const auth::Allowance& result, const std::string& host, const std::string& by) {
  using Allowed = auth::Allowance::Outcome;
  switch (result.outcome) {
    case Allowed::unclear: {
      std::string agents;
      for (const auth::Admission& one : result.candidates) {
        agents += (agents.empty() ? "" : ",") + admission_json(one);
      }
      JsonObjectWriter answer;
      answer.text("error",
                  "more than one agent is concerned, or the host has another one by now: name the one to "
                  "allow, with agent=");
      answer.json("agents", "[" + agents + "]");
      return http::Response::json(answer.finish(), 409);
    }
    case Allowed::has_agent:
      return http::Response::error(409, "this host has an agent, and no other one waits for permission");
    case Allowed::nobody:
      return http::Response::error(
          404,
          "nobody is shut out from a host of that name or waits for it; any=true allows "
          "whichever agent comes next");
    case Allowed::opened:
      spdlog::info("the name '{}' was opened again by {}", shown(host), shown(by));
      break;
    case Allowed::allowed:
      spdlog::info("{} was allowed as host '{}' by {}",
                   result.admission.identity.empty() ? "whichever agent comes next"
                                                     : "agent " + result.admission.identity,
                   shown(host), shown(by));
      break;
    case Allowed::already:
      break;
  }
  JsonObjectWriter answer = ok_json();
  answer.text_or_null("agent", result.admission.identity);
  return http::Response::json(answer.finish());
}

/// An agent that is turned away asks again every minute: the log has it once.
http::Response turned_away(auth::Enrollment why, const auth::EnrollmentWish& wish) {
  switch (why) {
    case auth::Enrollment::shut_out:
      return http::Response::error(
          403,
          "this host is shut out; an administrator can allow it again (Access on the page, or "
          "hostwatch-server token allow HOST)");
    case auth::Enrollment::other_machine:
      return http::Response::error(
          409,
          "another agent has enrolled as this host; an administrator must let this one in (Access on "
          "the page, or hostwatch-server token allow HOST), or give it another --hostname");
    case auth::Enrollment::not_known:
      return http::Response::error(
          409,
          "this host is there already, and was not enrolled; an administrator must let this agent in "
          "(Access on the page, or hostwatch-server token allow HOST)");
    case auth::Enrollment::full:
      return http::Response::error(
          403,
          "no more hosts can be watched; an administrator must delete some or revoke "
          "the tokens of some, before '" +
              shown(wish.host) + "' can enrol");
    default:
      return unauthorized("the enrolment token is not valid: it is unknown, expired, used up or revoked");
  }
}

}  // namespace

void EnrollmentApi::add_routes(Router& router) {
  router.add("POST", "/enroll", Permission::enroll, [this](const Call& call) { return enroll(call); });
  router.add("POST", "/hosts/{name}/allow", Permission::manage,
             [this](const Call& call) { return allow(call); });
  router.add("DELETE", "/hosts/{name}/allow", Permission::manage,
             [this](const Call& call) { return take_back(call); });
}

Reply EnrollmentApi::allow(const Call& call) const {
  const std::string& host = call.path.at("name");
  auto named = named_agent(call, host);
  if (auto* refusal = std::get_if<http::Response>(&named)) return Reply::now(std::move(*refusal));
  auto& identity = std::get<std::string>(named);
  const auto any = http::flag_of(call.request, "any");
  if (const auto* wrong = std::get_if<http::Response>(&any)) return Reply::now(*wrong);
  const auto open = http::flag_of(call.request, "open");
  if (const auto* wrong = std::get_if<http::Response>(&open)) return Reply::now(*wrong);
  const bool is_any = std::get<std::optional<bool>>(any).value_or(false);
  const bool is_open = std::get<std::optional<bool>>(open).value_or(false);
  if ((is_any ? 1 : 0) + (is_open ? 1 : 0) + (identity.empty() ? 0 : 1) > 1) {
    return refuse(400, "agent, any and open exclude each other");
  }
  return answer_later(services_.workers.credentials, call,
                      [this, host, identity = std::move(identity), is_any, is_open,
                       by = services_.access.maker_of(call.context.caller)] {
                        auth::CredentialStore& store = services_.access.store();
                        return allowed(is_open  ? store.open_name(host)
                                       : is_any ? store.allow_any(host, by, services_.clock())
                                                : store.allow(host, identity, by, services_.clock()),
                                       host, by);
                      });
}

Reply EnrollmentApi::take_back(const Call& call) const {
  const std::string& host = call.path.at("name");
  auto named = named_agent(call, host);
  if (auto* refusal = std::get_if<http::Response>(&named)) return Reply::now(std::move(*refusal));
  auto& identity = std::get<std::string>(named);
  return answer_later(
      services_.workers.credentials, call,
      [this, host, identity = std::move(identity), by = services_.access.maker_of(call.context.caller)] {
        if (!services_.access.store().take_back(host, identity, services_.clock())) {
          return http::Response::error(404, "no agent waits for a host of that name, and none is allowed");
        }
        spdlog::info("removed the agents that wait for host '{}' or are allowed as it, by {}", shown(host),
                     shown(by));
        return ok_answer();
      });
}

Reply EnrollmentApi::enroll(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return Reply::now(std::move(*refusal));
  auth::EnrollmentWish wish;
  wish.host = http::text_of(std::get<JsonObject>(body), "hostname");
  if (const auto why = protocol::why_not_host_name(wish.host)) return refuse(400, "hostname " + *why);
  wish.identity = call.request.get_header_value("Hostwatch-Agent");
  if (!ingest::is_agent_identity(wish.identity)) {
    return refuse(400, "the header Hostwatch-Agent must hold 32 hexadecimal digits");
  }
  wish.token = auth::digest_of(bearer_of(call.request));
  wish.address = call.context.client.address;
  return answer_later(services_.workers.credentials, call, [this, wish = std::move(wish)]() mutable {
    const std::string secret = auth::new_secret(auth::kTokenPrefix);
    wish.own = auth::digest_of(secret);
    wish.is_host_known = services_.store.knows(wish.host);
    wish.has_room = services_.store.admits(wish.host);
    wish.most_hosts = services_.store.max_hosts();
    const auth::Enrolled result = services_.access.enroll(wish, services_.clock());
    if (result.wait > 0) {
      return try_later(429, "too many agents enrol with this token at once; ask again in a moment",
                       static_cast<int>(result.wait));
    }
    if (result.outcome != auth::Enrollment::done) {
      if (result.is_new) {
        spdlog::warn("an agent at {} wants to enrol as host '{}', which is {}: it waits for permission",
                     wish.address, shown(wish.host),
                     result.outcome == auth::Enrollment::shut_out ? "shut out" : "there");
      }
      return turned_away(result.outcome, wish);
    }
    spdlog::info("host '{}' enrolled from {}", shown(wish.host), wish.address);
    JsonObjectWriter answer = ok_json();
    answer.text("hostname", wish.host);
    answer.text("token", secret);
    return http::Response::json(answer.finish());
  });
}

}  // namespace hostwatch::api
