#include "server/api/access/session_api.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/api/access/access_answers.h"
#include "server/api/answer.h"
#include "server/http/requests/json_body.h"
#include "util/text/json_object.h"

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

}  // namespace

void SessionApi::add_routes(Router& router) {
  router.add("GET", "/session", Permission::open,
             [this](const Call& call) { return who_is_signed_in(call); });
  router.add("POST", "/session", Permission::open, [this](const Call& call) { return sign_in(call); });
  router.add("DELETE", "/session", Permission::account, [this](const Call& call) { return sign_out(call); });
  router.add("POST", "/setup", Permission::open, [this](const Call& call) { return set_up(call); });
  router.add("POST", "/password", Permission::account,
             [this](const Call& call) { return change_password(call); });
}

std::string SessionApi::session_json(const auth::Caller& caller, const Client& client) const {
  const auth::AccessMode mode = services_.access.settings().mode;
  const bool is_person = caller.via == Via::session || caller.via == Via::proxy;
  JsonObjectWriter answer;
  answer.text("authentication", mode == auth::AccessMode::required ? "required"
                                : mode == auth::AccessMode::open   ? "open"
                                                                   : "insecure");
  answer.boolean("encrypted", client.encrypted);
  answer.boolean("setup_needed", services_.access.is_setup_needed(services_.clock()));
  answer.boolean("guest", services_.access.settings().guest);
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

Reply SessionApi::who_is_signed_in(const Call& call) const {
  return Reply::now(http::Response::json(session_json(call.context.caller, call.context.client)));
}

http::Response SessionApi::signed_in(const auth::SignIn& result, const Client& client) const {
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
  auth::PresentedCredentials presented;
  presented.sessions = {result.session};
  http::Response response =
      http::Response::json(session_json(services_.access.identify(presented, services_.clock()), client));
  response.headers.emplace_back("Set-Cookie",
                                cookie(result.session, client.encrypted, auth::Session::kLongest));
  return response;
}

/// `work` checks a password, or a code, from this client, which has to wait so many seconds before it may.
/// Who is to be turned away is so at once, without a place among those who wait for their turn.
Reply SessionApi::try_password(const Call& call, std::int64_t wait,
                               std::function<http::Response()> work) const {
  const Client& client = call.context.client;
  if (wait > 0) return Reply::now(signed_in({Outcome::too_many, {}, wait, {}}, client));
  const auth::SignInPlaces::Past past = call.context.caller.via == Via::session
                                            ? auth::SignInPlaces::Past::signed_in
                                            : services_.access.past_of(client.address, services_.clock());
  auto place = places_.take(client.address, past);
  if (!place) return Reply::now(try_later(503, "too many people sign in at this moment; try again", 1));
  return answer_later(
      services_.workers.passwords, call,
      [place = std::move(place), work = std::move(work)]() mutable {
        place.reset();  // it is this one's turn: another may wait
        return work();
      },
      WhenGone::dropped);
}

Reply SessionApi::sign_in(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return Reply::now(std::move(*refusal));
  const auto& wanted = std::get<JsonObject>(body);
  const Client& client = call.context.client;
  const std::string user = http::text_of(wanted, "user");
  return try_password(call, services_.access.wait_to_sign_in(user, client.address, services_.clock()),
                      [this, client, user, password = http::text_of(wanted, "password")] {
                        const auth::SignIn result =
                            services_.access.sign_in(user, password, client.address, services_.clock());
                        if (result.outcome == Outcome::refused) {
                          spdlog::warn("'{}' could not sign in from {}: wrong user name or password",
                                       shown(user), client.address);
                        } else if (result.outcome == Outcome::done) {
                          spdlog::info("'{}' signed in from {}", shown(user), client.address);
                        }
                        return signed_in(result, client);
                      });
}

Reply SessionApi::sign_out(const Call& call) const {
  return answer_later(
      services_.workers.credentials, call,
      [this, session = call.context.caller.session, encrypted = call.context.client.encrypted] {
        services_.access.sign_out(session);
        http::Response response = ok_answer();
        response.headers.emplace_back("Set-Cookie", cookie("", encrypted, 0));
        return response;
      });
}

Reply SessionApi::set_up(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return Reply::now(std::move(*refusal));
  const auto& wanted = std::get<JsonObject>(body);
  if (!services_.access.is_setup_needed(services_.clock())) {
    return Reply::now(signed_in({Outcome::taken, {}, 0, {}}, call.context.client));
  }
  return try_password(call, services_.access.wait_to_set_up(call.context.client.address, services_.clock()),
                      [this, client = call.context.client, code = http::text_of(wanted, "code"),
                       user = http::text_of(wanted, "user"), password = http::text_of(wanted, "password")] {
                        const auth::SignIn result =
                            services_.access.set_up(code, user, password, client.address, services_.clock());
                        if (result.outcome == Outcome::refused)
                          return http::Response::error(403, "the code is wrong; the server's log has it");
                        if (result.outcome == Outcome::done) {
                          spdlog::info("'{}' was made the first administrator from {}", shown(user),
                                       client.address);
                        }
                        return signed_in(result, client);
                      });
}

Reply SessionApi::change_password(const Call& call) const {
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return Reply::now(std::move(*refusal));
  const auto& wanted = std::get<JsonObject>(body);
  const std::int64_t wait = services_.access.wait_to_sign_in(call.context.caller.name,
                                                             call.context.client.address, services_.clock());
  return try_password(call, wait,
                      [this, context = call.context, current = http::text_of(wanted, "current"),
                       password = http::text_of(wanted, "password")] {
                        const auth::SignIn result = services_.access.change_password(
                            context.caller, current, password, context.client.address, services_.clock());
                        if (result.outcome == Outcome::refused) {
                          return http::Response::error(403, "the current password is wrong");
                        }
                        if (result.outcome != Outcome::done) return signed_in(result, context.client);
                        spdlog::info("'{}' changed the password", shown(context.caller.name));
                        return ok_answer();
                      });
}

}  // namespace hostwatch::api
