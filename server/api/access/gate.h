#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/api/access/permission.h"
#include "server/api/readings/refusal_log.h"
#include "server/auth/access_control.h"
#include "server/http/http_server.h"

namespace hostwatch::api {

/// The client at the far end, behind any proxy that is trusted.
struct Client {
  std::string address;
  bool encrypted = false;
};

/// A request that was admitted.
struct RequestContext {
  auth::Caller caller;
  Client client;
};

/// Stands before every address: does the request contradict itself, is it meant for this server (Host), does
/// it come from a page of ours (cross-site requests, CSRF), who sent it, and may they. Thread-safe.
class Gate {
 public:
  /// `clock`: Unix seconds. Both must outlive it.
  Gate(auth::AccessControl& access, std::function<std::int64_t()> clock)
      : access_(access), clock_(std::move(clock)) {}

  /// Who comes, or the answer that turns them away: 400 (a trusted proxy says two things of one client), 401
  /// (no credential, or a wrong one), 403 (it is not enough; the request comes from another site, or through
  /// a proxy where there should be none, or names another host).
  std::variant<RequestContext, http::Response> admit(const http::Request& request, const http::Peer& peer,
                                                     Permission wanted) const;

  /// Whether a Host header names this server, so that no page elsewhere can have its own name lead here (DNS
  /// rebinding): an address, localhost, the machine's own name, or one of the allowed ones.
  bool serves_host(const std::string& host) const;

  /// Who sends the request, behind any proxy that is trusted; whether they may is another question.
  Client client_of(const http::Request& request, const http::Peer& peer) const;

 private:
  auth::PresentedCredentials presented_by(const http::Request& request, const Client& client) const;
  std::optional<http::Response> refuse_contradiction(const http::Request& request) const;
  std::optional<http::Response> refuse_foreign_change(const http::Request& request) const;
  std::optional<http::Response> refuse_stranger(const auth::Caller& caller, const http::Request& request,
                                                Permission wanted) const;
  std::optional<http::Response> refuse_caller(const auth::Caller& caller, const http::Request& request,
                                              Permission wanted) const;
  std::string host_of_agent(const std::string& identity) const;
  void log_wrong_token(const http::Request& request, const RequestContext& context) const;
  bool depends_on_host(const auth::Caller& caller, Permission wanted) const;
  bool is_own_origin(const http::Request& request) const;
  bool is_trusted_proxy(const std::string& address) const;

  auth::AccessControl& access_;
  std::function<std::int64_t()> clock_;
  mutable RefusalLog wrong_tokens_;
};

/// The name of the session's cookie: over TLS one that no other host and no plain page can set (RFC
/// 6265bis, 4.1.3).
std::string_view session_cookie(bool encrypted);

/// The values of the request's cookies of that name, the first eight of them: several where one was set for a
/// path or a domain of its own (RFC 6265, 5.4).
std::vector<std::string> cookies_of(const http::Request& request, std::string_view name);

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, 2.1); empty: none.
std::string bearer_of(const http::Request& request);

/// Text of a 401.
http::Response unauthorized(std::string_view text);

}  // namespace hostwatch::api
