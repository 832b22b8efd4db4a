#include "server/http/call.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/auth/address.h"
#include "server/http/compress.h"
#include "server/query/history.h"
#include "server/storage/store.h"

namespace hostwatch::http {

Response try_later(int status, std::string_view text, int seconds) {
  Response response = Response::error(status, text);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

std::string pool_client(const Visitor& visitor) {
  // Neither is longer than a string holds within itself: it is copied with every request. No address has a
  // '#'.
  if (!visitor.caller.id.empty()) return '#' + visitor.caller.id;
  return auth::network_of(visitor.client.address);
}

namespace {

/// What `make` returns, or an answer for what it throws. Nothing if the answer is given up.
std::optional<Response> made(const std::function<Response()>& make) {
  try {
    return make();
  } catch (const query::AnswerUnwanted&) {
    spdlog::debug("an answer was given up: its client has gone");
    return std::nullopt;
  } catch (const query::HistoryTooLarge& error) {
    return Response::error(400, error.what());
  } catch (const storage::StoreError& error) {
    spdlog::error("a request failed: {}", error.what());
    return try_later(503, error.what(), 5);
  } catch (const auth::CredentialError& error) {
    spdlog::error("a request failed: {}", error.what());
    return try_later(503, "credentials cannot be read or written at present; the server's log says why", 5);
  } catch (const std::exception& error) {
    spdlog::error("a request failed: {}", error.what());
    return Response::error(500, "the server failed to answer; its log says why");
  }
}

std::optional<Response> submit(WorkPool& pool, const Call& call, WhenGone when_gone,
                               std::function<Response()> make) {
  const bool queued =
      pool.submit(pool_client(call.visitor), [responder = call.responder, when_gone, make = std::move(make)] {
        const bool is_dropped = when_gone == WhenGone::dropped && !responder.is_wanted();
        std::optional<Response> response;
        if (!is_dropped) response = made(make);
        if (response) responder.answer(*std::move(response));
      });
  if (queued) return std::nullopt;
  return try_later(503, "the server answers too many requests already; ask again in a moment", 1);
}

}  // namespace

std::optional<Response> answer_later(WorkPool& pool, const Call& call, std::function<Response()> work,
                                     WhenGone when_gone) {
  Request headers;
  headers.headers = call.request.headers;
  return submit(pool, call, when_gone, [headers = std::move(headers), work = std::move(work)] {
    Response response = work();
    compress(response, headers);
    return response;
  });
}

std::optional<Response> write_later(WorkPool& pool, const Call& call, const query::HistoryLimits& limits,
                                    WriteAnswer write) {
  return submit(pool, call, WhenGone::dropped,
                [responder = call.responder, limits, takes_gzip = accepts_gzip(call.request),
                 write = std::move(write)] {
                  query::AnswerBudget budget(limits, [&responder] { return responder.is_wanted(); });
                  AnswerText text(budget, takes_gzip);
                  Response response;
                  write(text, response);
                  text.finish(response);
                  return response;
                });
}

}  // namespace hostwatch::http
