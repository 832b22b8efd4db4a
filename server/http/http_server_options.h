#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/http/limits/request_memory.h"
#include "server/http/limits/unauthenticated_connections.h"
#include "server/http/requests/request_framer.h"
#include "server/http/tls/tls_context.h"
#include "util/clock.h"

namespace hostwatch::http {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 5000;          ///< 0: any free port
  std::size_t threads = 4;  ///< of the pool
  std::size_t max_connections = 20000;
  /// Memory of unfinished requests; one that comes in one piece is never unfinished.
  RequestMemory::Limits unfinished;
  FramingLimits framing;
  std::optional<TlsFiles> tls;            ///< speak TLS alone
  std::chrono::seconds idle_timeout{75};  ///< a kept-alive connection without a request
  std::chrono::seconds head_timeout{10};  ///< from a request's first byte to its last header
  std::chrono::seconds body_timeout{10};  ///< plus a second for each 64 KiB
  /// For the client to take an answer, plus a second for each 64 KiB that it has taken.
  std::chrono::seconds write_timeout{30};
  /// Answers that wait for their clients, over all connections. Beyond it the connections end of which
  /// nothing has been taken for the longest time; those of clients that have not proved themselves first.
  std::size_t max_unsent_bytes = 128UL * 1024 * 1024;
  /// At max_connections the oldest unauthenticated one makes room for a new one, else the client that holds
  /// the most gives the one on which it has had no answer for the longest time.
  UnauthenticatedConnections::Limits unauthenticated;
  std::function<std::int64_t()> unix_clock = util::unix_now;  ///< Unix seconds, for the answers' Date
};

}  // namespace hostwatch::http
