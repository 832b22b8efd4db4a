#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "agent/server_answer.h"
#include "agent/server_url.h"

namespace httplib {
class ClientImpl;
}

namespace hostwatch::agent {

/// How long one step of a request may take.
struct HttpTimeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds read{10'000};
  std::chrono::milliseconds write{5'000};
};

/// A request that no answer came to.
struct PostFailure {
  std::string reason;
  /// It went over a connection that had been idle, which the server may just have closed: worth trying again
  /// at once.
  bool reused_connection = false;
};

/// Posts JSON to one URL over a connection that is kept open. Follows no redirects. Not thread-safe but for
/// cancel().
class HttpPoster {
 public:
  /// `token`: for "Authorization: Bearer", or empty.
  HttpPoster(const ServerUrl& url, const std::string& token, const HttpTimeouts& timeouts);
  ~HttpPoster();
  HttpPoster(const HttpPoster&) = delete;
  HttpPoster& operator=(const HttpPoster&) = delete;

  void set_timeouts(const HttpTimeouts& timeouts);

  std::variant<HttpAnswer, PostFailure> post(std::string json);

  /// From another thread: breaks off the request that post() is waiting for, which fails then. Blocks while a
  /// connection is being made, as the library holds its lock that long.
  void cancel();

 private:
  const std::string path_;
  const std::string host_header_;
  const std::string authorization_;
  std::chrono::milliseconds longest_answer_{};
  std::unique_ptr<httplib::ClientImpl> client_;
};

}  // namespace hostwatch::agent
