// AccessApi: agents that enrol, and that are let in or kept out.
#include <spdlog/spdlog.h>

#include <utility>

#include "protocol/names.h"
#include "server/api/access_answers.h"
#include "server/api/access_api.h"
#include "server/http/json_body.h"
#include "server/http/query_text.h"
#include "server/http/request_headers.h"
#include "server/ingest/agent_registry.h"
#include "server/storage/store.h"
#include "util/json_object.h"

namespace hostwatch::api {
using util::JsonObject;
using util::JsonObjectWriter;

/// The agent that ?agent= names, empty if it is not there; or a refusal.
std::variant<std::string, http::Response> AccessApi::named_agent(const Call& call, const std::string& host) {
  if (const auto why = protocol::why_not_host_name(host))
    return http::Response::error(400, "the host's name " + *why);
  const http::Params parameters = http::query_parameters(call.request.target);
  const auto named = parameters.find("agent");
  if (named == parameters.end()) return std::string();
  if (!ingest::is_agent_identity(named->second)) {
    return http::Response::error(400, "agent must be 32 hexadecimal digits");
  }
  return named->second;
}

std::optional<http::Response> AccessApi::allow_agent(const Call& call, const std::string& host) const {
  auto named = named_agent(call, host);
  if (auto* refusal = std::get_if<http::Response>(&named)) return std::move(*refusal);
  auto& identity = std::get<std::string>(named);
  const auto any = http::flag_of(call.request, "any");
  if (const auto* wrong = std::get_if<http::Response>(&any)) return *wrong;
  const auto open = http::flag_of(call.request, "open");
  if (const auto* wrong = std::get_if<http::Response>(&open)) return *wrong;
  const bool is_any = std::get<std::optional<bool>>(any).value_or(false);
  const bool is_open = std::get<std::optional<bool>>(open).value_or(false);
  if ((is_any ? 1 : 0) + (is_open ? 1 : 0) + (identity.empty() ? 0 : 1) > 1) {
    return http::Response::error(400, "agent, any and open exclude each other");
  }
  return answer_later(credentials_, call,
                      [this, host, identity = std::move(identity), is_any, is_open,
                       by = access_.maker_of(call.visitor.caller)] {
                        auth::CredentialStore& store = access_.store();
                        return allowed(is_open  ? store.open_name(host)
                                       : is_any ? store.allow_any(host, by, clock_())
                                                : store.allow(host, identity, by, clock_()),
                                       host, by);
                      });
}

http::Response AccessApi::allowed(const auth::Allowance& result, const std::string& host,
                                  const std::string& by) {
  using Allowed = auth::Allowance::Outcome;
  switch (result.outcome) {
    case Allowed::unclear: {
      std::string agents;
      for (const auth::Admission& one : result.candidates) {
        agents += (agents.empty() ? "" : ",") + admission_json(one);
      }
      JsonObjectWriter answer;
      answer.text("error",
                  "more than one agent is concerned, or the host has another one by now: name the one to let "
                  "in, with agent=");
      answer.json("agents", "[" + agents + "]");
      return http::Response::json(answer.finish(), 409);
    }
    case Allowed::has_agent:
      return http::Response::error(409, "this host has an agent, and no other one waits to be let in");
    case Allowed::nobody:
      return http::Response::error(
          404,
          "nobody is shut out from a host of that name or waits for it; any=true lets in "
          "whichever agent comes next");
    case Allowed::opened:
      spdlog::info("the name '{}' was opened again by {}", shown(host), shown(by));
      break;
    case Allowed::allowed:
      spdlog::info("{} was let in as host '{}' by {}",
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

std::optional<http::Response> AccessApi::take_back_agent(const Call& call, const std::string& host) const {
  auto named = named_agent(call, host);
  if (auto* refusal = std::get_if<http::Response>(&named)) return std::move(*refusal);
  auto& identity = std::get<std::string>(named);
  return answer_later(
      credentials_, call,
      [this, host, identity = std::move(identity), by = access_.maker_of(call.visitor.caller)] {
        if (!access_.store().take_back(host, identity, clock_())) {
          return http::Response::error(404, "nobody waits for a host of that name or was let in as it");
        }
        spdlog::info("who waited for host '{}' or was let in as it is forgotten, by {}", shown(host),
                     shown(by));
        return http::Response::json("{\"status\":\"ok\"}");
      });
}

/// An agent that is turned away asks again every minute: the log has it once.
http::Response AccessApi::turned_away(auth::Enrollment why, const auth::EnrollmentWish& wish) const {
  switch (why) {
    case auth::Enrollment::shut_out:
      return http::Response::error(
          403,
          "this host is shut out; an administrator can let it in again (Access on the page, or "
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

std::optional<http::Response> AccessApi::enroll(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return std::move(*refusal);
  auth::EnrollmentWish wish;
  wish.host = http::text_of(std::get<JsonObject>(body), "hostname");
  if (const auto why = protocol::why_not_host_name(wish.host))
    return http::Response::error(400, "hostname " + *why);
  wish.identity = http::header_value(call.request, "Hostwatch-Agent");
  if (!ingest::is_agent_identity(wish.identity)) {
    return http::Response::error(400, "the header Hostwatch-Agent must hold 32 hexadecimal digits");
  }
  wish.token = auth::digest_of(bearer_of(call.request));
  wish.address = call.visitor.client.address;
  return answer_later(credentials_, call, [this, wish = std::move(wish)]() mutable {
    const std::string secret = auth::new_secret(auth::kTokenPrefix);
    wish.own = auth::digest_of(secret);
    wish.is_host_known = store_.knows(wish.host);
    wish.has_room = store_.admits(wish.host);
    wish.most_hosts = store_.max_hosts();
    const auth::Enrolled result = access_.enroll(wish, clock_());
    if (result.wait > 0) {
      return try_later(429, "too many agents enrol with this token at once; ask again in a moment",
                       static_cast<int>(result.wait));
    }
    if (result.outcome != auth::Enrollment::done) {
      if (result.is_new) {
        spdlog::warn("an agent at {} wants to enrol as host '{}', which is {}: it waits to be let in",
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
