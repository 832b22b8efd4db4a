#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "agent/delivery/server_answer.h"
#include "net/answer_allowance.h"
#include "net/tls_client.h"
#include "net/url.h"

namespace httplib {
struct Request;
struct Response;
}  // namespace httplib

namespace hostwatch::net {
class HttpClient;
}

namespace hostwatch::agent {

/// How long one step of a request may take.
struct HttpTimeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds read{10'000};
  std::chrono::milliseconds write{5'000};
  /// A whole request. The library times single reads only: a peer that says a byte now and then would hold it
  /// for ever.
  std::chrono::milliseconds request{30'000};
};

/// A request that no answer came to.
struct PostFailure {
  std::string reason;
  /// It went over a connection that had been idle, and failed too soon for a time limit: the server has
  /// closed the connection meanwhile, and trying again at once is worth it.
  bool idle_connection_closed = false;
};

/// What is posted.
struct PostedBody {
  std::string path;   ///< of the server
  std::string token;  ///< for "Authorization: Bearer", or empty
  std::string json;
};

/// Posts JSON to one server over a connection that is kept open. Follows no redirects. post() and
/// set_timeouts() are for one thread; cancel() and cancel_overdue() may be called from any, and never block.
class HttpPoster {
 public:
  /// `identity`: for "Hostwatch-Agent", by which the server tells two machines of one name apart; or empty.
  /// Throws std::runtime_error for TLS files that cannot be used.
  HttpPoster(net::ServerUrl url, net::TlsFiles tls, std::string identity, const HttpTimeouts& timeouts);
  ~HttpPoster();
  HttpPoster(const HttpPoster&) = delete;
  HttpPoster& operator=(const HttpPoster&) = delete;

  void set_timeouts(const HttpTimeouts& timeouts);

  /// Arrays of some size go out compressed. `unix_now`: this host's clock, which goes along.
  std::variant<HttpAnswer, PostFailure> post(const PostedBody& posted, std::int64_t unix_now);

  /// Reads the TLS files again, for a new connection. Throws as the constructor does: all stays as it is
  /// then. On the thread of post().
  void renew();

  /// Breaks off the request that post() is waiting for, which fails then; a name that is being looked up
  /// cannot be broken off. Closes a connection that is idle.
  void cancel();

  /// cancel() if the request under way takes longer than HttpTimeouts::request. Nothing in here does that by
  /// itself: somebody who comes by regularly has to call it.
  void cancel_overdue(std::chrono::steady_clock::time_point now);

 private:
  using Time = std::chrono::steady_clock::time_point;

  void begin_request(Time now);
  void end_request(bool connection_usable);
  void fill_request(const PostedBody& posted, std::int64_t unix_now, httplib::Request& request) const;
  bool send(httplib::Request& request, httplib::Response& response, std::string& failure);

  void set_up_client();
  std::string describe(int error) const;

  const net::ServerUrl url_;
  const net::TlsFiles tls_;
  const std::string server_name_;
  const std::string identity_;
  HttpTimeouts timeouts_;
  std::chrono::milliseconds longest_request_{};
  std::uint64_t connections_ = 0;   ///< sockets made so far
  net::AnswerAllowance allowance_;  ///< of the answer that is being read
  std::unique_ptr<net::HttpClient> client_;

  std::mutex mutex_;
  int socket_ = -1;                    ///< the library's, while it is open
  std::optional<Time> request_began_;  ///< of the request under way
};

}  // namespace hostwatch::agent
