#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/http/answers/responder.h"
#include "server/http/answers/response.h"
#include "server/http/peer.h"
#include "server/http/requests/request.h"

namespace hostwatch::http {

/// Answers a request: at once, or later through a copy of the Responder (then it returns nothing). Runs on
/// the server's pool, several at once; must not block on anything slow. May throw: that is a 500, logged.
using RequestHandler = std::function<std::optional<Response>(const Request&, const Responder&)>;

/// What is to become of a request whose body is still to come.
struct HeadVerdict {
  std::optional<Response> refusal;  ///< it is turned away, and its body is not taken
  std::size_t max_body_bytes = SIZE_MAX;
  std::string authenticated_client;  ///< as in Response
};

/// Looks at a request's head (`body` is empty) before its body is taken, where the two do not come in one
/// piece; the RequestHandler is asked all the same once the request is whole. Runs on the server's pool; must
/// not block. May throw: that is a 500, logged.
using HeadCheck = std::function<HeadVerdict(const Request& head, const Peer& peer)>;

/// Is told of a request that is refused for its framing, before the RequestHandler would see it: with its
/// head as far as it was read (`body` is empty), if that is more than nothing. Runs on the server's pool;
/// must not block. May throw: that is logged.
using RefusalListener = std::function<void(const Request& head, const Peer& peer, const Response& refusal)>;

}  // namespace hostwatch::http
