#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <variant>

#include "server/api/access/gate.h"
#include "server/api/readings/post_refusals.h"
#include "server/api/router.h"
#include "server/http/http_server.h"

namespace hostwatch::api {

/// What an HttpServer asks: leads each request past the gate to its route's handler, and notes what was
/// posted and refused. Thread-safe.
class Dispatcher {
 public:
  /// `clock`: Unix seconds. All must outlive it.
  Dispatcher(const Router& router, const Gate& gate, PostRefusals& refusals,
             std::function<std::int64_t()> clock)
      : router_(router), gate_(gate), refusals_(refusals), clock_(std::move(clock)) {}

  /// As http::RequestHandler.
  std::optional<http::Response> handle(const http::Request& request, const http::Responder& responder) const;

  /// As http::HeadCheck: who may not send the request at all is told so before its body is taken, and only
  /// readings may be large.
  http::HeadVerdict check_head(const http::Request& head, const http::Peer& peer) const;

  /// As http::RefusalListener: what was posted is counted as other refusals are.
  void note_refused(const http::Request& head, const http::Peer& peer, const http::Response& refusal) const;

 private:
  std::variant<Router::Match, http::Response> find_route(const http::Request& request,
                                                         const http::Peer& peer) const;
  std::variant<RequestContext, http::Response> admit(const http::Request& request, const http::Peer& peer,
                                                     Permission wanted) const;
  void note(const http::Request& request, const http::Peer& peer, const http::Response& refusal,
            PostRefusals::Log log = PostRefusals::Log::tell) const;

  const Router& router_;
  const Gate& gate_;
  PostRefusals& refusals_;
  std::function<std::int64_t()> clock_;
};

}  // namespace hostwatch::api
