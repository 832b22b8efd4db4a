#include "server/http/gate.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace hostwatch::http {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "Name:5000" -> "name", "[::1]:5000" -> "::1".
std::string host_name_of(const std::string& authority) {
  if (authority.starts_with('[')) return lower(authority.substr(1, authority.find(']') - 1));
  std::string name = lower(authority.substr(0, authority.find(':')));
  if (name.ends_with('.')) name.pop_back();  // the root of names (RFC 1034, 3.1)
  return name;
}

std::string own_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? lower(name.data()) : std::string();
}

/// The authority of an Origin header (RFC 6454): "https://name:port" -> "name:port".
std::string authority_of(const std::string& origin) {
  const std::size_t at = origin.find("://");
  return at == std::string::npos ? std::string() : lower(origin.substr(at + 3));
}

bool changes(const Request& request) {
  return request.method != "GET" && request.method != "HEAD";
}

}  // namespace

std::string_view session_cookie(bool encrypted) {
  return encrypted ? "__Host-hostwatch" : "hostwatch";
}

std::string cookie_of(const Request& request, std::string_view name) {
  const std::string cookies = request.get_header_value("Cookie");
  std::string_view rest = cookies;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view one = trim(rest.substr(0, end));
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
      return std::string(one.substr(name.size() + 1));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

Response unauthorized(std::string_view text) {
  Response response = Response::error(401, text);
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
Client Gate::client_of(const Request& request, const Peer& peer) const {
  Client client{request.remote_addr, peer.encrypted};
  if (!is_trusted_proxy(request.remote_addr)) return client;
  client.encrypted = client.encrypted || lower(request.get_header_value("X-Forwarded-Proto")) == "https";
  const std::string list = request.get_header_value("X-Forwarded-For");
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    const std::string_view one = trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    if (!auth::AddressRange::parse(one) || one.find('/') != std::string_view::npos) break;
    client.address = one;
    if (!is_trusted_proxy(client.address)) break;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
  }
  return client;
}

auth::Presented Gate::presented_by(const Request& request, const Peer& peer) const {
  auth::Presented presented;
  const std::string authorization = request.get_header_value("Authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (lower(authorization.substr(0, kScheme.size())) == kScheme) {
    presented.bearer = trim(std::string_view(authorization).substr(kScheme.size()));
  }
  const bool from_proxy = is_trusted_proxy(request.remote_addr);
  // A proxy that signs people in itself may leave its own Authorization in the request.
  presented.has_other_authorization = !authorization.empty() && presented.bearer.empty() && !from_proxy;
  presented.session = cookie_of(request, session_cookie(client_of(request, peer).encrypted));
  const std::string& header = access_.settings().proxy_user_header;
  if (from_proxy && !header.empty()) presented.proxy_user = request.get_header_value(header);
  return presented;
}

bool Gate::serves_host(const std::string& host) const {
  if (host.empty()) return true;  // HTTP/1.0: every browser sends one
  const std::string name = host_name_of(host);
  if (name == "localhost" || name.ends_with(".localhost") || name == own_name()) return true;
  // No page elsewhere has an address for its name.
  if (auth::AddressRange::parse(name) && name.find('/') == std::string::npos) return true;
  const auto& allowed = access_.settings().allowed_hosts;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& one) { return lower(one) == name; });
}

std::optional<Response> Gate::refuse_stranger(const Request& request) const {
  const auth::AccessSettings& settings = access_.settings();
  const std::string host = request.get_header_value("Host");
  if ((settings.mode == auth::AccessMode::open || !settings.allowed_hosts.empty()) && !serves_host(host)) {
    return Response::error(
        403, "this server is not known by that name; --allow-host (HOSTWATCH_ALLOW_HOST) makes it");
  }
  if (!changes(request)) return std::nullopt;
  // RFC-less but in every browser (Fetch Metadata): who made the page that sends this.
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (site == "cross-site" || site == "same-site") {
    return Response::error(403, "changes are taken from this server's own page alone");
  }
  const std::string origin = request.get_header_value("Origin");
  if (settings.mode != auth::AccessMode::required && !origin.empty() && site != "same-origin") {
    const auto& allowed = settings.allowed_hosts;
    const std::string authority = authority_of(origin);
    const bool is_ours =
        authority == lower(host) || std::any_of(allowed.begin(), allowed.end(), [&](const std::string& one) {
          return lower(one) == host_name_of(authority);
        });
    if (!is_ours) return Response::error(403, "changes are taken from this server's own page alone");
  }
  return std::nullopt;
}

std::optional<Response> Gate::refuse_caller(const auth::Caller& caller, const Request& request,
                                            Access wanted) const {
  using Via = auth::Caller::Via;
  if (wanted == Access::open) return std::nullopt;
  if (caller.via == Via::nobody) {
    return unauthorized(caller.is_wrong ? "the token is not valid: it is unknown, expired or revoked"
                                        : "sign in, or send a token as Authorization: Bearer");
  }
  const bool may =
      (wanted == Access::read && caller.may_read) || (wanted == Access::write && caller.may_write) ||
      (wanted == Access::manage && caller.may_manage) || (wanted == Access::enroll && caller.may_enroll) ||
      (wanted == Access::account && caller.via == Via::session);
  if (!may && wanted == Access::enroll) return unauthorized("an agent enrols with an enrolment token");
  if (!may && caller.via == Via::guest)
    return unauthorized("sign in, or send a token as Authorization: Bearer");
  if (!may)
    return Response::error(
        403, caller.via == Via::token ? "the token is not for this" : "this needs an administrator");
  if (changes(request) && !caller.csrf.empty() &&
      !auth::is_same_secret(request.get_header_value("X-CSRF-Token"), caller.csrf)) {
    return Response::error(403, "the request lacks the page's X-CSRF-Token; load the page again");
  }
  return std::nullopt;
}

std::variant<Visitor, Response> Gate::admit(const Request& request, const Peer& peer, Access wanted) const {
  if (auto refusal = refuse_stranger(request)) return std::move(*refusal);
  const bool is_agents = wanted == Access::write || wanted == Access::enroll;
  if (is_agents && access_.settings().agents_need_certificate && !peer.has_client_certificate) {
    return Response::error(403,
                           "agents must show a certificate here (--client-certificate and --client-key)");
  }
  Visitor visitor{access_.identify(presented_by(request, peer), clock_()), client_of(request, peer)};
  if (auto refusal = refuse_caller(visitor.caller, request, wanted)) return std::move(*refusal);
  return visitor;
}

}  // namespace hostwatch::http
