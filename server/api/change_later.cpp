#include "server/api/change_later.h"

#include <memory>
#include <optional>
#include <utility>

#include "server/api/answer.h"

namespace hostwatch::api {
namespace {

Reply run_later(ingest::IngestQueue& ingest, const Call& call, const std::string& host, std::string failure,
                Change change, ingest::WorkKind kind) {
  const auto answer = std::make_shared<http::Response>();
  auto work = [answer, change = std::move(change)](storage::Store& store) { *answer = change(store); };
  auto done = [answer, failure = std::move(failure),
               responder = call.responder](const std::optional<std::string>& error) {
    responder.answer(error ? try_later(503, failure + ": " + *error, 5) : std::move(*answer));
  };
  if (ingest.run(host, std::move(work), std::move(done), kind)) return Reply::later();
  return Reply::now(try_later(503, "the server is busy; ask again in a moment", 1));
}

}  // namespace

Reply change_later(ingest::IngestQueue& ingest, const Call& call, const std::string& host, std::string done,
                   Change change) {
  return run_later(ingest, call, host, "nothing was " + std::move(done), std::move(change),
                   ingest::WorkKind::writes);
}

Reply look_later(ingest::IngestQueue& ingest, const Call& call, Change look) {
  return run_later(ingest, call, {}, "that cannot be told at present", std::move(look),
                   ingest::WorkKind::looks);
}

}  // namespace hostwatch::api
