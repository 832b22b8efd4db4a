#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/api/answer_text.h"
#include "server/api/gate.h"
#include "server/http/http_server.h"
#include "server/http/work_pool.h"

namespace hostwatch::api {

/// A request that was let in, on its way to what answers it. Holds references: not to be kept.
struct Call {
  const http::Request& request;
  const http::Responder& responder;
  const Visitor& visitor;
};

/// Who shares a place in the pools: by the credential, else by the address.
std::string pool_client(const Visitor& visitor);

/// What becomes of a request when its client has gone before its turn came.
enum class WhenGone : std::uint8_t {
  done,     ///< it changes something: it is done all the same
  dropped,  ///< nobody would learn of it
};

/// Runs `work` on the pool, in the client's turn, and answers with what it returns, compressed if the client
/// likes. For answers that are short; those of history are written by write_later(). Its exceptions become
/// answers: 400 (HistoryTooLarge), 503 (StoreError, CredentialError), 500. Returns nothing, or a 503 at once
/// if too much waits for the pool, of all or of this client.
std::optional<http::Response> answer_later(http::WorkPool& pool, const Call& call,
                                           std::function<http::Response()> work,
                                           WhenGone when_gone = WhenGone::done);

/// Writes the text of an answer, and what else of `response` is not as it is in JSON.
using WriteAnswer = std::function<void(AnswerText& text, http::Response& response)>;

/// The same for answers that may be long: what they cost is bounded by the text's budget, which begins when
/// their turn comes; compressing is part of it. One whose client has gone is given up.
std::optional<http::Response> write_later(http::WorkPool& pool, const Call& call,
                                          const query::HistoryLimits& limits, WriteAnswer write);

/// A 503 or the like with Retry-After.
http::Response try_later(int status, std::string_view text, int seconds);

}  // namespace hostwatch::api
