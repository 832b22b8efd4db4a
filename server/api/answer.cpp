#include "server/api/answer.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/api/answer_pieces.h"
#include "server/http/answers/compress.h"
#include "server/query/history.h"
#include "server/storage/store.h"

namespace hostwatch::api {

http::Response try_later(int status, std::string_view text, int seconds) {
  http::Response response = http::Response::error(status, text);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

http::Response ok_answer() {
  return http::Response::json(R"({"status":"ok"})");
}

namespace {

/// A request as the log names it: without its query, which may hold a secret.
std::string name_of(const http::Request& request) {
  constexpr std::size_t kMost = 200;
  return (request.method + " ").append(request.path_as_sent().substr(0, kMost));
}

/// What `make` returns, or an answer for what it throws. Nothing if the answer is given up. `name`: of the
/// request.
std::optional<http::Response> made(const std::string& name, const std::function<http::Response()>& make) {
  try {
    return make();
  } catch (const query::AnswerUnwanted&) {
    spdlog::debug("an answer was given up: its client has gone");
    return std::nullopt;
  } catch (const query::HistoryTooLarge& error) {
    return http::Response::error(400, error.what());
  } catch (const storage::StoreError& error) {
    spdlog::error("{} failed: {}", name, error.what());
    return try_later(503, error.what(), 5);
  } catch (const auth::CredentialError& error) {
    spdlog::error("{} failed: {}", name, error.what());
    return try_later(503, "credentials cannot be read or written at present; the server's log says why", 5);
  } catch (const std::exception& error) {
    spdlog::error("{} failed: {}", name, error.what());
    return http::Response::error(500, "the server failed to answer; its log says why");
  }
}

Reply submit(http::WorkPool& pool, const Call& call, WhenGone when_gone,
             std::function<http::Response()> make) {
  const bool queued = pool.submit(
      pool_client(call.context),
      [responder = call.responder, when_gone, name = name_of(call.request), make = std::move(make)] {
        const bool is_dropped = when_gone == WhenGone::dropped && !responder.is_wanted();
        std::optional<http::Response> response;
        if (!is_dropped) response = made(name, make);
        if (response) responder.answer(*std::move(response));
      });
  if (queued) return Reply::later();
  return Reply::now(try_later(503, "the server answers too many requests already; ask again in a moment", 1));
}

}  // namespace

Reply answer_later(http::WorkPool& pool, const Call& call, std::function<http::Response()> work,
                   WhenGone when_gone) {
  http::Request headers;
  headers.headers = call.request.headers;
  return submit(pool, call, when_gone, [headers = std::move(headers), work = std::move(work)] {
    http::Response response = work();
    http::compress(response, headers);
    return response;
  });
}

Reply write_later(http::WorkPool& pool, const Call& call, const query::HistoryLimits& limits,
                  WriteAnswer write) {
  return submit(pool, call, WhenGone::dropped,
                [responder = call.responder, limits, takes_gzip = http::accepts_gzip(call.request),
                 write = std::move(write)] {
                  query::AnswerBudget budget(limits, [&responder] { return responder.is_wanted(); });
                  AnswerText text(budget, takes_gzip);
                  http::Response response;
                  write(text, response);
                  text.finish(response);
                  return response;
                });
}

Reply stream_later(http::WorkPool& pool, const Call& call, const query::HistoryLimits& limits,
                   GatherAnswer gather) {
  return submit(pool, call, WhenGone::dropped,
                [responder = call.responder, limits, takes_gzip = http::accepts_gzip(call.request),
                 gather = std::move(gather)] {
                  query::AnswerBudget budget(limits, [&responder] { return responder.is_wanted(); });
                  http::Response response;
                  std::shared_ptr<http::PieceSource> source = gather(budget, response);
                  AnswerText first(budget, takes_gzip);
                  if (!source->next(first.out())) {
                    first.finish(response);
                    return response;
                  }
                  response.headers.emplace_back("Vary", "Accept-Encoding");
                  if (takes_gzip) response.headers.emplace_back("Content-Encoding", "gzip");
                  response.source =
                      std::make_shared<AnswerPieces>(std::move(source), std::move(first.out()), takes_gzip);
                  return response;
                });
}

}  // namespace hostwatch::api
