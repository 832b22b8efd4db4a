#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "server/api/answer_text.h"
#include "server/api/call.h"
#include "server/api/reply.h"
#include "server/http/work_pool.h"

namespace hostwatch::api {

/// What becomes of a request when its client has gone before its turn came.
enum class WhenGone : std::uint8_t {
  done,     ///< it changes something: it is done all the same
  dropped,  ///< nobody would learn of it
};

/// Runs `work` on the pool, in the client's turn, and answers with what it returns, compressed if the client
/// likes. For answers that are short; those of history are written by write_later(). Its exceptions become
/// answers: 400 (HistoryTooLarge), 503 (StoreError, CredentialError), 500. A 503 at once if too much waits
/// for the pool, of all or of this client.
Reply answer_later(http::WorkPool& pool, const Call& call, std::function<http::Response()> work,
                   WhenGone when_gone = WhenGone::done);

/// Writes the text of an answer, and what else of `response` is not as it is in JSON.
using WriteAnswer = std::function<void(AnswerText& text, http::Response& response)>;

/// The same for answers that may be long: what they cost is bounded by the text's budget, which begins when
/// their turn comes; compressing is part of it. One whose client has gone is given up.
Reply write_later(http::WorkPool& pool, const Call& call, const query::HistoryLimits& limits,
                  WriteAnswer write);

/// Gathers what an answer's text is written from, and sets what else of `response` is not as it is in JSON.
using GatherAnswer =
    std::function<std::shared_ptr<http::PieceSource>(query::AnswerBudget& budget, http::Response& response)>;

/// The same for answers that are written while they are sent, and may be as long as they are: what the budget
/// bounds is gathering. One that a piece is enough for is sent with its length, as any other.
Reply stream_later(http::WorkPool& pool, const Call& call, const query::HistoryLimits& limits,
                   GatherAnswer gather);

/// {"error": text} at once.
inline Reply refuse(int status, std::string_view text) {
  return Reply::now(http::Response::error(status, text));
}

/// {"status": "ok"}
http::Response ok_answer();

/// A 503 or the like with Retry-After.
http::Response try_later(int status, std::string_view text, int seconds);

}  // namespace hostwatch::api
