#include "server/api/access/tokens_api.h"

#include <spdlog/spdlog.h>

#include <charconv>
#include <optional>
#include <utility>
#include <variant>

#include "protocol/names.h"
#include "server/api/access/access_answers.h"
#include "server/api/answer.h"
#include "server/http/requests/json_body.h"
#include "server/http/requests/query_text.h"
#include "util/text/json_object.h"

namespace hostwatch::api {
namespace {

using util::JsonObject;
using util::JsonObjectWriter;

/// A positive whole number in the field; 0 if it is missing or null, nothing if it is anything else.
std::optional<std::int64_t> number_of(const JsonObject& object, const char* field, std::int64_t most) {
  if (!object.has_value(field)) return 0;
  const auto found = object.members.find(field);
  if (found == object.members.end()) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&found->second);
  if (number == nullptr || *number < 1 || *number > most) return std::nullopt;
  return *number;
}

/// What a token that is asked for is to be, or what is wrong with it.
std::variant<auth::Token, std::string> wanted_token(const JsonObject& body, std::int64_t now) {
  constexpr std::int64_t kTenYears = 3650LL * 86400;
  auth::Token token;
  token.name = http::text_of(body, "name");
  token.host = http::text_of(body, "host");
  token.created = now;
  const auto scope = auth::scope_named(http::text_of(body, "scope"));
  const auto expires_in = number_of(body, "expires_in", kTenYears);
  const auto uses = number_of(body, "uses", 1'000'000);
  if (!scope) return "scope must be write, read, admin, enroll or agent";
  token.scope = *scope;
  if (const auto why = protocol::why_not_host_name(token.name)) return "name " + *why;
  // A field that was left empty must not mean every host.
  if (body.has_value("host")) {
    if (const auto why = protocol::why_not_host_name(token.host)) return "host " + *why;
  }
  if (token.scope == auth::Scope::agent && token.host.empty())
    return "a token of scope agent is for one host: name it";
  if (token.scope != auth::Scope::agent && token.scope != auth::Scope::write && !token.host.empty()) {
    return "only a token of scope agent or write is for one host";
  }
  if (!expires_in) return "expires_in must be seconds, at most ten years";
  if (!uses || (*uses != 0 && token.scope != auth::Scope::enroll)) {
    return "uses must be a number from 1 to 1000000, for a token of scope enroll";
  }
  if (*expires_in != 0) token.expires = now + *expires_in;
  if (*uses != 0) token.uses_left = *uses;
  return token;
}

}  // namespace

void TokensApi::add_routes(Router& router) {
  router.add("GET", "/tokens", Permission::manage, [this](const Call& call) { return list(call); });
  router.add("POST", "/tokens", Permission::manage, [this](const Call& call) { return make(call); });
  router.add("DELETE", "/tokens/{id}", Permission::manage, [this](const Call& call) { return revoke(call); });
}

/// Thousands of agents have one: not on the threads that answer at once.
Reply TokensApi::list(const Call& call) const {
  return write_later(services_.workers.credentials, call, {}, [this](AnswerText& answer, http::Response&) {
    answer.out() += "{\"tokens\":[";
    bool first = true;
    for (const auth::Token& token : services_.access.store().tokens(services_.clock())) {
      if (!first) answer.out() += ',';
      first = false;
      answer.out() += token_json(token).finish();
      answer.go_on();
    }
    answer.out() += "],\"agents\":[";
    first = true;
    for (const auth::Admission& one : services_.access.store().admissions(services_.clock())) {
      if (!first) answer.out() += ',';
      first = false;
      answer.out() += admission_json(one);
      answer.go_on();
    }
    answer.out() += "]}";
  });
}

Reply TokensApi::make(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return Reply::now(std::move(*refusal));
  auto wanted = wanted_token(std::get<JsonObject>(body), services_.clock());
  if (const auto* wrong = std::get_if<std::string>(&wanted)) return refuse(400, *wrong);
  auto& token = std::get<auth::Token>(wanted);
  token.made_by = services_.access.maker_of(call.context.caller);
  return answer_later(services_.workers.credentials, call, [this, token = std::move(token)] {
    const std::string secret =
        auth::new_secret(token.scope == auth::Scope::enroll ? auth::kEnrollmentPrefix : auth::kTokenPrefix);
    const auth::Token made = services_.access.store().add_token(token, auth::digest_of(secret));
    spdlog::info("token {} '{}' ({}) was made by {}", made.id, shown(made.name), auth::name_of(made.scope),
                 shown(made.made_by));
    JsonObjectWriter answer = token_json(made);
    answer.text("token", secret);
    return http::Response::json(answer.finish());
  });
}

Reply TokensApi::revoke(const Call& call) const {
  const std::string& digits = call.path.at("id");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return refuse(404, "there is no token of that number");
  }
  const auto shut_out = http::flag_of(call.request, "shut_out");
  if (const auto* wrong = std::get_if<http::Response>(&shut_out)) return Reply::now(*wrong);
  const bool may_return = !std::get<std::optional<bool>>(shut_out).value_or(true);
  return answer_later(
      services_.workers.credentials, call,
      [this, id, may_return, by = services_.access.maker_of(call.context.caller)] {
        const auto revoked = services_.access.store().revoke_token(id, by, services_.clock(), may_return);
        if (!revoked) return http::Response::error(404, "there is no token of that number");
        spdlog::info("token {} was revoked by {}{}", id, shown(by),
                     revoked->shut_out ? "; host '" + shown(revoked->token.host) + "' is shut out" : "");
        if (!revoked->made.empty()) {
          spdlog::warn("token {} has made tokens that are still good: {}", id,
                       fmt::join(revoked->made, ", "));
        }
        JsonObjectWriter answer = ok_json();
        answer.text_or_null("shut_out", revoked->shut_out ? revoked->token.host : "");
        answer.json("made", fmt::format("[{}]", fmt::join(revoked->made, ",")));
        return http::Response::json(answer.finish());
      });
}

}  // namespace hostwatch::api
