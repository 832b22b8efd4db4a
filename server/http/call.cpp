#include "server/http/call.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/http/compress.h"
#include "server/query/history.h"
#include "server/storage/store.h"

namespace hostwatch::http {

Response try_later(int status, std::string_view text, int seconds) {
  Response response = Response::error(status, text);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

std::optional<Response> answer_later(WorkPool& pool, const Call& call, std::function<Response()> work) {
  Request headers;
  headers.headers = call.request.headers;
  const bool queued =
      pool.submit([responder = call.responder, headers = std::move(headers), work = std::move(work)] {
        Response response;
        try {
          response = work();
          compress(response, headers);
        } catch (const query::HistoryTooLarge& error) {
          response = Response::error(400, error.what());
        } catch (const storage::StoreError& error) {
          spdlog::error("a request failed: {}", error.what());
          response = try_later(503, error.what(), 5);
        } catch (const auth::CredentialError& error) {
          spdlog::error("a request failed: {}", error.what());
          response = try_later(
              503, "credentials cannot be read or written at present; the server's log says why", 5);
        } catch (const std::exception& error) {
          spdlog::error("a request failed: {}", error.what());
          response = Response::error(500, "the server failed to answer; its log says why");
        }
        responder.answer(std::move(response));
      });
  if (!queued) return try_later(503, "the server answers too many queries already; ask again in a moment", 1);
  return std::nullopt;
}

}  // namespace hostwatch::http
