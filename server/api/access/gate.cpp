#include "server/api/access/gate.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "server/http/requests/request.h"
#include "server/ingest/agent_registry.h"
#include "util/text/ascii.h"
#include "util/text/text.h"

namespace hostwatch::api {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "Name:5000" -> "name", "[::1]:5000" -> "::1".
std::string host_name_of(const std::string& authority) {
  if (authority.starts_with('[')) return util::in_lower_case(authority.substr(1, authority.find(']') - 1));
  std::string name = util::in_lower_case(authority.substr(0, authority.find(':')));
  if (name.ends_with('.')) name.pop_back();  // the root of names (RFC 1034, 3.1)
  return name;
}

std::string own_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? util::in_lower_case(name.data()) : std::string();
}

/// The authority of an Origin header (RFC 6454): "https://name:port" -> "name:port".
std::string authority_of(const std::string& origin) {
  const std::size_t at = origin.find("://");
  return at == std::string::npos ? std::string() : util::in_lower_case(origin.substr(at + 3));
}

bool changes(const http::Request& request) {
  return request.method != "GET" && request.method != "HEAD";
}

/// Whether a proxy or a content delivery network says that it hands the request on. Each has at least one of
/// these headers unless it was told to leave them out: Forwarded, X-Forwarded-For, X-Original-Forwarded-For
/// and the like; True-Client-IP (Akamai), Fastly-Client-IP, Fly-Client-IP, X-Azure-ClientIP and the like;
/// CF-Connecting-IP (Cloudflare) and the like; and those that have a name of their own.
bool comes_through_proxy(const http::Request& request) {
  constexpr std::array<std::string_view, 3> kParts{"client-ip", "clientip", "connecting-ip"};
  constexpr std::array<std::string_view, 9> kNames{"via",
                                                   "cdn-loop",
                                                   "x-real-ip",
                                                   "x-envoy-external-address",
                                                   "cloudfront-viewer-address",
                                                   "x-azure-socketip",
                                                   "x-appengine-user-ip",
                                                   "x-original-host",
                                                   "x-proxyuser-ip"};
  // Each request is looked at, and hardly any header has a part of these names.
  const auto may_be_one = [&kNames](std::string_view name) {
    for (std::size_t i = 1; i < name.size(); ++i) {
      const auto before = static_cast<char>(name[i - 1] | ' ');
      const auto c = static_cast<char>(name[i] | ' ');
      if ((before == 'i' && c == 'p') || (before == 'f' && c == 'o')) return true;
    }
    return std::any_of(kNames.begin(), kNames.end(),
                       [name](std::string_view known) { return known.size() == name.size(); });
  };
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    if (!may_be_one(header.first)) return false;
    const std::string name = util::in_lower_case(header.first);
    const auto has = [&name](std::string_view part) { return name.find(part) != std::string::npos; };
    return has("forwarded") || (has("ip") && std::any_of(kParts.begin(), kParts.end(), has)) ||
           std::find(kNames.begin(), kNames.end(), name) != kNames.end();
  });
}

/// Takes the last member off a list (RFC 9110, 5.6.1).
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trim(last);
}

/// What X-Forwarded-Proto says, in lower case; nothing if it says two things.
std::optional<std::string> forwarded_protocol(const http::Request& request) {
  const std::string list = util::in_lower_case(request.get_header_value("X-Forwarded-Proto"));
  std::string_view rest = list;
  std::string said;
  while (!rest.empty()) {
    const std::string_view one = take_last(rest);
    if (one.empty()) continue;
    if (!said.empty() && said != one) return std::nullopt;
    said = one;
  }
  return said;
}

/// True if the browser says that a page of another site asks for this (Fetch Metadata): to show part of
/// itself, to measure, or to make this machine work. Not if a person goes there by a link.
bool is_asked_for_by_another_site(const http::Request& request) {
  const std::string& site = request.get_header_value("Sec-Fetch-Site");
  if (site != "cross-site" && site != "same-site") return false;
  const bool is_link = request.get_header_value("Sec-Fetch-Mode") == "navigate" &&
                       request.get_header_value("Sec-Fetch-Dest") == "document";
  return !is_link;
}

std::string scope_needed(Permission wanted) {
  switch (wanted) {
    case Permission::write:
      return "readings need one of scope write, or an agent's own";
    case Permission::read:
      return "reading needs one of scope read";
    case Permission::manage:
      return "this needs one of scope admin";
    default:
      return "this is for who has signed in";
  }
}

constexpr const char* kOwnPageAlone = "changes are taken from this server's own page alone";

}  // namespace

std::string_view session_cookie(bool encrypted) {
  return encrypted ? "__Host-hostwatch" : "hostwatch";
}

std::vector<std::string> cookies_of(const http::Request& request, std::string_view name) {
  constexpr std::size_t kMost = 8;
  const std::string& cookies = request.get_header_value("Cookie");
  std::string_view rest = cookies;
  std::vector<std::string> values;
  while (!rest.empty() && values.size() < kMost) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view one = trim(rest.substr(0, end));
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
      values.emplace_back(one.substr(name.size() + 1));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return values;
}

namespace {

std::string bearer_in(const std::string& authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (util::in_lower_case(authorization.substr(0, kScheme.size())) != kScheme) return {};
  return std::string(trim(std::string_view(authorization).substr(kScheme.size())));
}

}  // namespace

std::string bearer_of(const http::Request& request) {
  return bearer_in(request.get_header_value("Authorization"));
}

http::Response unauthorized(std::string_view text) {
  http::Response response = http::Response::error(401, text);
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

bool Gate::is_trusted_proxy(const std::string& address) const {
  const auto& proxies = access_.settings().trusted_proxies;
  return std::any_of(proxies.begin(), proxies.end(),
                     [&](const auto& range) { return range.contains(address); });
}

/// X-Forwarded-For is a list to which each proxy adds whom it heard from: the last one that is no proxy of
/// ours.
Client Gate::client_of(const http::Request& request, const http::Peer& peer) const {
  Client client{net::canonical_address(request.remote_addr).value_or(request.remote_addr), peer.encrypted};
  if (!is_trusted_proxy(client.address)) return client;
  client.encrypted = client.encrypted || forwarded_protocol(request) == "https";
  const std::string& list = request.get_header_value("X-Forwarded-For");
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view one = take_last(rest);
    if (one.empty()) continue;
    const auto address = net::forwarded_address(one);
    if (!address) break;
    client.address = *address;
    if (!is_trusted_proxy(client.address)) break;
  }
  return client;
}

auth::PresentedCredentials Gate::presented_by(const http::Request& request, const Client& client) const {
  auth::PresentedCredentials presented;
  const std::string& authorization = request.get_header_value("Authorization");
  presented.bearer = bearer_in(authorization);
  const bool from_proxy = is_trusted_proxy(request.remote_addr);
  // A proxy that signs people in itself may leave its own Authorization in the request.
  presented.has_other_authorization = presented.bearer.empty() && !from_proxy && !authorization.empty();
  presented.sessions = cookies_of(request, session_cookie(client.encrypted));
  const std::string& header = access_.settings().proxy_user_header;
  if (from_proxy && !header.empty()) presented.proxy_user = request.get_header_value(header);
  return presented;
}

bool Gate::serves_host(const std::string& host) const {
  if (host.empty()) return true;  // HTTP/1.0 alone, which no browser speaks
  const std::string name = host_name_of(host);
  // No page elsewhere has an address for its name.
  if (name == "localhost" || name.ends_with(".localhost") || net::parse_address(name)) return true;
  if (name == own_name()) return true;
  const auth::AccessSettings& settings = access_.settings();
  if (!settings.public_authority.empty() && host_name_of(settings.public_authority) == name) return true;
  return std::any_of(settings.allowed_hosts.begin(), settings.allowed_hosts.end(),
                     [&name](const std::string& one) { return util::in_lower_case(one) == name; });
}

/// A proxy that adds its word about the client to the client's own, instead of replacing it, would let each
/// client choose who it is.
std::optional<http::Response> Gate::refuse_contradiction(const http::Request& request) const {
  if (!is_trusted_proxy(request.remote_addr)) return std::nullopt;
  const std::string& header = access_.settings().proxy_user_header;
  // A comma is how two lines are one (RFC 9110, 5.3); no user's name has one.
  if (!header.empty() && (request.get_header_value_count(header) > 1 ||
                          request.get_header_value(header).find(',') != std::string::npos)) {
    return http::Response::error(
        400,
        "the proxy names two users: it has to replace the header that comes from outside, not to add one");
  }
  if (!forwarded_protocol(request)) {
    return http::Response::error(
        400,
        "the proxy's X-Forwarded-Proto says two things: it has to replace what comes "
        "from outside");
  }
  return std::nullopt;
}

/// Whether the page that sends this was loaded from here, as far as its Origin tells (RFC 6454).
bool Gate::is_own_origin(const http::Request& request) const {
  const std::string& origin = request.get_header_value("Origin");
  if (origin.empty() || request.get_header_value("Sec-Fetch-Site") == "same-origin") return true;
  const std::string authority = authority_of(origin);
  if (authority.empty()) return false;  // "null"
  const auth::AccessSettings& settings = access_.settings();
  if (authority == util::in_lower_case(request.get_header_value("Host"))) return true;
  if (!settings.public_authority.empty() && authority == util::in_lower_case(settings.public_authority))
    return true;
  return std::any_of(
      settings.allowed_hosts.begin(), settings.allowed_hosts.end(),
      [name = host_name_of(authority)](const std::string& one) { return util::in_lower_case(one) == name; });
}

/// Whoever sends it: a browser that says so is believed.
std::optional<http::Response> Gate::refuse_foreign_change(const http::Request& request) const {
  if (!changes(request)) return std::nullopt;
  const std::string& site = request.get_header_value("Sec-Fetch-Site");
  const bool has_none_to_ask = access_.settings().mode != auth::AccessMode::required;
  if (site == "cross-site" || site == "same-site" || (has_none_to_ask && !is_own_origin(request))) {
    return http::Response::error(403, kOwnPageAlone);
  }
  return std::nullopt;
}

/// Whether the name decides by which the server is asked: any page whose own name is made to lead here (DNS
/// rebinding) can send what needs no secret. A token is one, and a session's cookie belongs to the name that
/// it was given under. Where one signs in the page itself is nobody's secret.
bool Gate::depends_on_host(const auth::Caller& caller, Permission wanted) const {
  using Via = auth::Caller::Via;
  const auth::AccessSettings& settings = access_.settings();
  if (caller.via == Via::token) return false;
  if (caller.via == Via::nobody && caller.is_wrong) return false;  // an agent is told that its token is wrong
  if (settings.mode != auth::AccessMode::required || !settings.allowed_hosts.empty()) return true;
  return wanted != Permission::open && (caller.via == Via::guest || caller.via == Via::proxy);
}

std::optional<http::Response> Gate::refuse_stranger(const auth::Caller& caller, const http::Request& request,
                                                    Permission wanted) const {
  using Via = auth::Caller::Via;
  if (access_.settings().mode == auth::AccessMode::open && comes_through_proxy(request)) {
    return http::Response::error(
        403,
        "this comes through a proxy, and the server asks nobody for credentials; start it with "
        "--trusted-proxy ADDRESS (HOSTWATCH_TRUSTED_PROXY)");
  }
  if (depends_on_host(caller, wanted) && !serves_host(request.get_header_value("Host"))) {
    return http::Response::error(
        403, "this server is not known by that name; --allow-host (HOSTWATCH_ALLOW_HOST) makes it");
  }
  if (caller.via == Via::token || caller.via == Via::nobody) return std::nullopt;
  const bool has_no_credential = caller.via == Via::everybody || caller.via == Via::guest;
  if (is_asked_for_by_another_site(request) || (has_no_credential && !is_own_origin(request))) {
    return http::Response::error(403,
                                 "another site's page may lead here by a link, and not ask for anything");
  }
  return std::nullopt;
}

std::optional<http::Response> Gate::refuse_caller(const auth::Caller& caller, const http::Request& request,
                                                  Permission wanted) const {
  using Via = auth::Caller::Via;
  if (wanted == Permission::open || wanted == Permission::health) return std::nullopt;
  if (caller.via == Via::nobody) {
    if (!caller.is_wrong) return unauthorized("sign in, or send a token as Authorization: Bearer");
    // Who has a token's secret may know what has become of it.
    const std::string why = caller.why_over.empty() ? "it is unknown or revoked" : caller.why_over;
    return unauthorized("the token is not valid: " + why);
  }
  const bool may = (wanted == Permission::read && caller.may_read) ||
                   (wanted == Permission::write && caller.may_write) ||
                   (wanted == Permission::manage && caller.may_manage) ||
                   (wanted == Permission::enroll && caller.may_enroll) ||
                   (wanted == Permission::account && caller.via == Via::session);
  if (!may && wanted == Permission::enroll) return unauthorized("an agent enrols with an enrolment token");
  if (!may && caller.via == Via::guest)
    return unauthorized("sign in, or send a token as Authorization: Bearer");
  if (!may && caller.via == Via::token) {
    return http::Response::error(403,
                                 "the token is of scope " + caller.scope + ", and " + scope_needed(wanted));
  }
  if (!may) return http::Response::error(403, "this needs an administrator");
  if (changes(request) && !caller.csrf.empty() &&
      !auth::is_same_secret(request.get_header_value("X-CSRF-Token"), caller.csrf)) {
    return http::Response::error(403, "the request lacks the page's X-CSRF-Token; load the page again");
  }
  return std::nullopt;
}

/// The host whose agent has that identity, as far as tokens were made for it.
std::string Gate::host_of_agent(const std::string& identity) const {
  if (!ingest::is_agent_identity(identity)) return {};
  for (const auth::Token& token : access_.store().tokens(clock_())) {
    if (token.identity == identity) return token.host;
  }
  return {};
}

/// An agent that is refused asks again and again.
void Gate::log_wrong_token(const http::Request& request, const RequestContext& context) const {
  constexpr std::size_t kShown = 100;
  if (!wrong_tokens_.is_due(net::network_of(context.client.address), clock_())) return;
  const auth::Caller& caller = context.caller;
  // A host that was renamed comes with what it was set up with, and with the identity that it had.
  const std::string host = host_of_agent(request.get_header_value("Hostwatch-Agent"));
  spdlog::warn(
      "a request from {} was refused for its token, which is {}{}; told of once an hour",
      context.client.address,
      caller.name.empty() ? "unknown or revoked"
                          : "over: '" + util::make_printable(caller.name, kShown) + "', " + caller.why_over,
      host.empty() ? ""
                   : "; it says that it is the agent of host '" + util::make_printable(host, kShown) +
                         "', whose own token is for that name alone");
}

std::variant<RequestContext, http::Response> Gate::admit(const http::Request& request, const http::Peer& peer,
                                                         Permission wanted) const {
  if (auto refusal = refuse_contradiction(request)) return std::move(*refusal);
  if (auto refusal = refuse_foreign_change(request)) return std::move(*refusal);
  const bool is_agents = wanted == Permission::write || wanted == Permission::enroll;
  if (is_agents && access_.settings().agents_need_certificate && !peer.has_client_certificate) {
    return http::Response::error(
        403, "agents must show a certificate here (--client-certificate and --client-key)");
  }
  const Client client = client_of(request, peer);
  RequestContext context{access_.identify(presented_by(request, client), clock_()), client};
  if (auto refusal = refuse_stranger(context.caller, request, wanted)) {
    if (wanted != Permission::health) return std::move(*refusal);
    context.caller = {};  // load balancers and engines ask by names of their own
  }
  if (auto refusal = refuse_caller(context.caller, request, wanted)) {
    if (context.caller.via == auth::Caller::Via::nobody && context.caller.is_wrong)
      log_wrong_token(request, context);
    return std::move(*refusal);
  }
  return context;
}

}  // namespace hostwatch::api
