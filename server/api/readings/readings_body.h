#pragma once

#include <variant>

#include "protocol/decode.h"
#include "protocol/shape_memory.h"
#include "server/http/http_server.h"
#include "server/storage/store.h"

namespace hostwatch::api {

struct ReadingsBodyLimits {
  std::size_t max_inflated_bytes = 16UL * 1024 * 1024;
  protocol::DecodeLimits decode;
};

/// How large the body is once it is inflated, as its gzip trailer says (RFC 1952); of another body its size.
/// A body that says less than it holds is refused as damaged.
std::size_t inflated_size(const http::Request& request);

/// The readings in the body of a POST /metrics, inflated and decoded, or the answer that refuses them: 415
/// (not JSON, or a coding other than gzip), 413 (too large), 400 (not readings; a single bad reading; an
/// array of bad ones). `shapes`: of what was sent before; the same for all of the server.
std::variant<protocol::DecodedReadings, http::Response> read_readings_body(const http::Request& request,
                                                                           const ReadingsBodyLimits& limits,
                                                                           protocol::ShapeMemory& shapes);

/// 200 {"status":"ok","accepted","duplicates"}: what of the readings is on disk; and what is not, where there
/// is such: "conflicts", "lost" (as AppendResult's), "rejected", "refused_series" (the
/// decoder's surplus and AppendResult's).
http::Response accepted_answer(const storage::AppendResult& result, const protocol::DecodedReadings& decoded);

}  // namespace hostwatch::api
