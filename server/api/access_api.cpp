#include "server/api/access_api.h"

#include <spdlog/spdlog.h>

#include <charconv>
#include <utility>

#include "protocol/names.h"
#include "server/api/access_answers.h"
#include "server/http/json_body.h"
#include "server/http/query_text.h"
#include "util/json_object.h"

namespace hostwatch::api {
namespace {

using util::JsonObject;
using util::JsonObjectWriter;
using Via = auth::Caller::Via;
using Outcome = auth::SignIn::Outcome;

std::string cookie(std::string_view secret, bool encrypted, std::int64_t seconds) {
  std::string header(session_cookie(encrypted));
  header +=
      "=" + std::string(secret) + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
  return encrypted ? header + "; Secure" : header;
}

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

std::string AccessApi::session_json(const auth::Caller& caller, const Client& client) const {
  const auth::AccessMode mode = access_.settings().mode;
  const bool is_person = caller.via == Via::session || caller.via == Via::proxy;
  JsonObjectWriter answer;
  answer.text("authentication", mode == auth::AccessMode::required ? "required"
                                : mode == auth::AccessMode::open   ? "open"
                                                                   : "insecure");
  answer.boolean("encrypted", client.encrypted);
  answer.boolean("setup_needed", access_.is_setup_needed(clock_()));
  answer.boolean("guest", access_.settings().guest);
  if (is_person || caller.via == Via::token) {
    JsonObjectWriter user;
    user.text("name", caller.name);
    user.text("role", caller.may_manage ? "admin" : "viewer");
    user.text("via", is_person ? (caller.via == Via::proxy ? "proxy" : "session") : "token");
    answer.json("user", user.finish());
  } else {
    answer.null("user");
  }
  answer.boolean("can_read", caller.may_read);
  answer.boolean("can_manage", caller.may_manage);
  answer.text_or_null("csrf", caller.csrf);
  return answer.finish();
}

std::optional<http::Response> AccessApi::session(const Call& call) const {
  return http::Response::json(session_json(call.visitor.caller, call.visitor.client));
}

http::Response AccessApi::signed_in(const auth::SignIn& result, const Client& client) const {
  switch (result.outcome) {
    case Outcome::refused:
      return http::Response::error(401, "the user name or the password is wrong");
    case Outcome::too_many: {
      http::Response response =
          http::Response::error(429, "too many attempts; wait " + std::to_string(result.wait) + " seconds");
      response.headers.emplace_back("Retry-After", std::to_string(result.wait));
      return response;
    }
    case Outcome::taken:
      return http::Response::error(409, "there is an administrator already; sign in");
    case Outcome::bad:
      return http::Response::error(400, result.problem);
    case Outcome::done:
      break;
  }
  auth::Presented presented;
  presented.sessions = {result.session};
  http::Response response = http::Response::json(session_json(access_.identify(presented, clock_()), client));
  response.headers.emplace_back("Set-Cookie",
                                cookie(result.session, client.encrypted, auth::Session::kLongest));
  return response;
}

/// `work` checks a password, or a code, from this client, which has to wait so many seconds before it may.
/// Who is to be turned away is so at once, without a place among those who wait for their turn.
std::optional<http::Response> AccessApi::try_password(const Call& call, std::int64_t wait,
                                                      std::function<http::Response()> work) const {
  const Client& client = call.visitor.client;
  if (wait > 0) return signed_in({Outcome::too_many, {}, wait, {}}, client);
  const auth::SignInPlaces::Past past = call.visitor.caller.via == Via::session
                                            ? auth::SignInPlaces::Past::signed_in
                                            : access_.past_of(client.address, clock_());
  auto place = places_.take(client.address, past);
  if (!place) return try_later(503, "too many people sign in at this moment; try again", 1);
  return answer_later(
      passwords_, call,
      [place = std::move(place), work = std::move(work)]() mutable {
        place.reset();  // it is this one's turn: another may wait
        return work();
      },
      WhenGone::dropped);
}

std::optional<http::Response> AccessApi::sign_in(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return std::move(*refusal);
  const auto& wanted = std::get<JsonObject>(body);
  const Client& client = call.visitor.client;
  const std::string user = http::text_of(wanted, "user");
  return try_password(call, access_.wait_to_sign_in(user, client.address, clock_()),
                      [this, client, user, password = http::text_of(wanted, "password")] {
                        const auth::SignIn result = access_.sign_in(user, password, client.address, clock_());
                        if (result.outcome == Outcome::refused) {
                          spdlog::warn("'{}' could not sign in from {}: wrong user name or password",
                                       shown(user), client.address);
                        } else if (result.outcome == Outcome::done) {
                          spdlog::info("'{}' signed in from {}", shown(user), client.address);
                        }
                        return signed_in(result, client);
                      });
}

std::optional<http::Response> AccessApi::sign_out(const Call& call) const {
  return answer_later(
      credentials_, call,
      [this, session = call.visitor.caller.session, encrypted = call.visitor.client.encrypted] {
        access_.sign_out(session);
        http::Response response = http::Response::json("{\"status\":\"ok\"}");
        response.headers.emplace_back("Set-Cookie", cookie("", encrypted, 0));
        return response;
      });
}

std::optional<http::Response> AccessApi::set_up(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return std::move(*refusal);
  const auto& wanted = std::get<JsonObject>(body);
  if (!access_.is_setup_needed(clock_())) return signed_in({Outcome::taken, {}, 0, {}}, call.visitor.client);
  return try_password(
      call, access_.wait_to_set_up(call.visitor.client.address, clock_()),
      [this, client = call.visitor.client, code = http::text_of(wanted, "code"),
       user = http::text_of(wanted, "user"), password = http::text_of(wanted, "password")] {
        const auth::SignIn result = access_.set_up(code, user, password, client.address, clock_());
        if (result.outcome == Outcome::refused)
          return http::Response::error(403, "the code is wrong; the server's log has it");
        if (result.outcome == Outcome::done) {
          spdlog::info("'{}' was made the first administrator from {}", shown(user), client.address);
        }
        return signed_in(result, client);
      });
}

std::optional<http::Response> AccessApi::change_password(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return std::move(*refusal);
  const auto& wanted = std::get<JsonObject>(body);
  const std::int64_t wait =
      access_.wait_to_sign_in(call.visitor.caller.name, call.visitor.client.address, clock_());
  return try_password(call, wait,
                      [this, visitor = call.visitor, current = http::text_of(wanted, "current"),
                       password = http::text_of(wanted, "password")] {
                        const auth::SignIn result = access_.change_password(visitor.caller, current, password,
                                                                            visitor.client.address, clock_());
                        if (result.outcome == Outcome::refused) {
                          return http::Response::error(403, "the current password is wrong");
                        }
                        if (result.outcome != Outcome::done) return signed_in(result, visitor.client);
                        spdlog::info("'{}' changed the password", shown(visitor.caller.name));
                        return http::Response::json("{\"status\":\"ok\"}");
                      });
}

/// Thousands of agents have one: not on the threads that answer at once.
std::optional<http::Response> AccessApi::list_tokens(const Call& call) const {
  return write_later(credentials_, call, {}, [this](AnswerText& answer, http::Response&) {
    answer.out() += "{\"tokens\":[";
    bool first = true;
    for (const auth::Token& token : access_.store().tokens(clock_())) {
      if (!first) answer.out() += ',';
      first = false;
      answer.out() += token_json(token).finish();
      answer.go_on();
    }
    answer.out() += "],\"agents\":[";
    first = true;
    for (const auth::Admission& one : access_.store().admissions(clock_())) {
      if (!first) answer.out() += ',';
      first = false;
      answer.out() += admission_json(one);
      answer.go_on();
    }
    answer.out() += "]}";
  });
}

std::optional<http::Response> AccessApi::make_token(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return std::move(*refusal);
  auto wanted = wanted_token(std::get<JsonObject>(body), clock_());
  if (const auto* wrong = std::get_if<std::string>(&wanted)) return http::Response::error(400, *wrong);
  auto& token = std::get<auth::Token>(wanted);
  token.made_by = access_.maker_of(call.visitor.caller);
  return answer_later(credentials_, call, [this, token = std::move(token)] {
    const std::string secret =
        auth::new_secret(token.scope == auth::Scope::enroll ? auth::kEnrollmentPrefix : auth::kTokenPrefix);
    const auth::Token made = access_.store().add_token(token, auth::digest_of(secret));
    spdlog::info("token {} '{}' ({}) was made by {}", made.id, shown(made.name), auth::name_of(made.scope),
                 shown(made.made_by));
    JsonObjectWriter answer = token_json(made);
    answer.text("token", secret);
    return http::Response::json(answer.finish());
  });
}

std::optional<http::Response> AccessApi::revoke_token(const Call& call) const {
  // One segment of the address as sent: "x%2F5" is no number.
  const std::string& target = call.request.target;
  const std::size_t begin = std::string_view("/tokens/").size();
  const std::string digits = target.substr(begin, target.find_first_of("?#", begin) - begin);
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return http::Response::error(404, "there is no token of that number");
  }
  const auto shut_out = http::flag_of(call.request, "shut_out");
  if (const auto* wrong = std::get_if<http::Response>(&shut_out)) return *wrong;
  const bool may_return = !std::get<std::optional<bool>>(shut_out).value_or(true);
  return answer_later(credentials_, call, [this, id, may_return, by = access_.maker_of(call.visitor.caller)] {
    const auto revoked = access_.store().revoke_token(id, by, clock_(), may_return);
    if (!revoked) return http::Response::error(404, "there is no token of that number");
    spdlog::info("token {} was revoked by {}{}", id, shown(by),
                 revoked->shut_out ? "; host '" + shown(revoked->token.host) + "' is shut out" : "");
    if (!revoked->made.empty()) {
      spdlog::warn("token {} has made tokens that are still good: {}", id, fmt::join(revoked->made, ", "));
    }
    JsonObjectWriter answer = ok_json();
    answer.text_or_null("shut_out", revoked->shut_out ? revoked->token.host : "");
    answer.json("made", fmt::format("[{}]", fmt::join(revoked->made, ",")));
    return http::Response::json(answer.finish());
  });
}

}  // namespace hostwatch::api
