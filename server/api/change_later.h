#pragma once

#include <functional>
#include <string>

#include "server/api/call.h"
#include "server/api/reply.h"
#include "server/http/answers/response.h"
#include "server/ingest/ingest_queue.h"
#include "server/storage/store.h"

namespace hostwatch::api {

using Change = std::function<http::Response(storage::Store&)>;

/// Runs `change` on the writing thread (see IngestQueue::run(); `host` as there) and answers with what it
/// returns. 503 if it throws, saying that nothing was `done` ("deleted"), or if too much waits.
Reply change_later(ingest::IngestQueue& ingest, const Call& call, const std::string& host, std::string done,
                   Change change);

/// The same for what looks at things of the writing thread and changes nothing.
Reply look_later(ingest::IngestQueue& ingest, const Call& call, Change look);

}  // namespace hostwatch::api
