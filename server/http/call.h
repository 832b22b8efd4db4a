#pragma once

#include <functional>
#include <optional>

#include "server/http/gate.h"
#include "server/http/http_server.h"
#include "server/http/work_pool.h"

namespace hostwatch::http {

/// A request that was let in, on its way to what answers it. Holds references: not to be kept.
struct Call {
  const Request& request;
  const Responder& responder;
  const Visitor& visitor;
};

/// Runs `work` on the pool and answers with what it returns, compressed if the client likes. Its exceptions
/// become answers: 400 (HistoryTooLarge), 503 (StoreError, CredentialError), 500. Returns nothing, or a 503
/// at once if too much waits for the pool.
std::optional<Response> answer_later(WorkPool& pool, const Call& call, std::function<Response()> work);

/// A 503 or the like with Retry-After.
Response try_later(int status, std::string_view text, int seconds);

}  // namespace hostwatch::http
