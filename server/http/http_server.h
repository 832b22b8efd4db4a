#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/http/date_text.h"
#include "server/http/file_descriptor.h"
#include "server/http/request_framer.h"
#include "server/http/response.h"
#include "server/http/tls_context.h"
#include "server/http/unproven_connections.h"
#include "server/http/unsent_answers.h"

namespace hostwatch::http {

class Channel;
class HttpServer;

/// Who sent a request, as the connection tells.
struct Peer {
  std::string address;
  bool encrypted = false;
  bool has_client_certificate = false;  ///< one that was verified
};

/// Answers one request later, from any thread. Copies mean the same request; the first answer counts. If the
/// client has gone meanwhile the answer is dropped. Must not outlive its HttpServer.
class Responder {
 public:
  Responder(HttpServer& server, std::uint64_t ticket, std::uint64_t request, Peer peer)
      : server_(&server), ticket_(ticket), request_(request), peer_(std::move(peer)) {}
  void answer(Response response) const;

  const Peer& peer() const { return peer_; }
  bool is_wanted() const { return true; }

  /// The same, for a client that has proved who it is, or need not: its answer vouches for its connection.
  Responder vouching() const {
    Responder copy = *this;
    copy.vouches_ = true;
    return copy;
  }

 private:
  HttpServer* server_;
  std::uint64_t ticket_;   ///< the connection
  std::uint64_t request_;  ///< which of its requests
  Peer peer_;
  bool vouches_ = false;
};

/// A request as cpp-httplib parsed it, with the whole body in `body`.
using Request = httplib::Request;

/// Answers a request: at once, or later through a copy of the Responder (then it returns nothing). Runs on
/// the server's pool, several at once; must not block on anything slow. May throw: that is a 500, logged.
using RequestHandler = std::function<std::optional<Response>(const Request&, const Responder&)>;

/// Seconds since 1970 by the system's clock.
std::int64_t system_unix_clock();

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 5000;          ///< 0: any free port
  std::size_t threads = 4;  ///< of the pool
  std::size_t max_connections = 20000;
  /// Memory of unfinished requests, over all connections. Beyond it a request that grows past small_bytes is
  /// refused, whoever filled it; small ones have another quarter of it to themselves, and one that comes in
  /// one piece is never unfinished.
  std::size_t max_buffered_bytes = 64UL * 1024 * 1024;
  std::size_t small_bytes = 128UL * 1024;
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
  /// At max_connections the oldest unproven one makes room for a new one, else the one that has been idle for
  /// the longest time, at most 64 of those a second.
  UnprovenConnections::Limits unproven;
  std::function<std::int64_t()> unix_clock = system_unix_clock;  ///< Unix seconds, for the answers' Date
};

/// cpp-httplib driven from outside. The library listens, parses requests and decodes addresses; connections
/// are ours: non-blocking, parked in one epoll, framed and bounded (RequestFramer) before the library sees a
/// byte, answered in one send. A thread of the fixed pool is held only while a whole request is handled, so
/// slow or idle clients cost memory, never threads. See docs/architecture.md for what this closes.
class HttpServer : private httplib::Server {
 public:
  HttpServer(HttpServerOptions options, RequestHandler handler);
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and starts the pool. Throws std::runtime_error saying what to do (address in use, not ours, ...).
  void start();

  /// The port in use, after start().
  int port() const { return port_; }

  /// Reads the files of TLS anew, for connections to come. Throws std::runtime_error, and goes on with the
  /// old ones, if the new ones cannot be used. Thread-safe.
  void reload_tls();

  /// Takes no new connections or requests; answers under way still go out. Idle connections are closed.
  void stop_accepting();

  /// Waits, at most `patience`, until every request under way has its answer, then ends the pool.
  void stop(std::chrono::milliseconds patience);

  /// Connections open now.
  std::size_t connections() const { return connection_count_.load(std::memory_order_relaxed); }
  std::uint64_t requests() const { return request_count_.load(std::memory_order_relaxed); }

 private:
  friend class Responder;
  struct Connection;
  struct Slot;
  struct Completion;
  using Clock = std::chrono::steady_clock;

  void listen_on_socket();
  Channel open_channel(FileDescriptor socket);
  void run(const std::stop_token& stop);
  void accept_connections();
  void take_connection(FileDescriptor socket, std::string address);
  void open_connection(FileDescriptor socket, std::string address);
  bool make_room(const std::string& address);
  bool end_longest_idle();
  template <typename Condition>
  bool close_if(std::uint64_t ticket, Condition condition);
  void prove(Connection& connection);
  void park_answer(Connection& connection);
  void look_at_progress(Connection& connection);
  void on_connection_event(std::uint64_t ticket, std::uint32_t events, std::vector<char>& buffer);
  void receive(Connection& connection, std::vector<char>& buffer);
  /// Feeds bytes to the connection's requests; false when no more can be taken now.
  void take_bytes(Connection& connection, std::string_view bytes);
  void dispatch(Connection& connection);
  std::optional<Request> parse(Connection& connection);
  template <typename Self>
  static void let_library_parse(Self& self, httplib::Stream& stream, const std::string& address,
                                const std::function<void(httplib::Request&)>& take);
  void respond(Connection& connection, const Response& response);
  void flush(Connection& connection);
  void after_answer(Connection& connection);
  void refuse(Connection& connection);
  void refuse_plain(Connection& connection);
  void linger(Connection& connection);
  void watch(Connection& connection, std::uint32_t events);
  void close_connection(Slot& slot);
  void set_deadline(Connection& connection);
  void account(Connection& connection);
  void complete(std::uint64_t ticket, std::uint64_t request, Response response);
  void run_completions();
  void sweep();
  void finish_pending();

  HttpServerOptions options_;
  RequestHandler handler_;
  DateText date_;
  int port_ = 0;
  FileDescriptor epoll_;
  FileDescriptor wake_;      ///< eventfd: completions are waiting
  FileDescriptor timer_;     ///< timerfd: once a second, deadlines are looked at
  FileDescriptor stopping_;  ///< eventfd, never read: the pool ends
  std::mutex tls_mutex_;
  std::shared_ptr<const TlsContext> tls_;  ///< null: plain
  std::vector<Slot> slots_;                ///< by socket number
  std::atomic<bool> accepting_{false};
  std::atomic<bool> paused_{false};  ///< out of descriptors: the next sweep listens again
  std::atomic<std::size_t> connection_count_{0};
  std::atomic<std::size_t> pending_{0};  ///< requests whose answer is not sent yet
  std::atomic<std::size_t> buffered_bytes_{0};
  UnsentAnswers unsent_;
  UnprovenConnections unproven_;
  // Of end_longest_idle(): whoever accepts connections, which is one thread at a time.
  std::vector<std::uint64_t> longest_idle_;  ///< tickets, the longest last
  Clock::time_point next_search_;
  std::atomic<std::uint64_t> request_count_{0};
  std::mutex idle_mutex_;
  std::condition_variable idle_;  ///< no request is pending
  std::mutex completions_mutex_;
  std::deque<Completion> completions_;
  std::vector<std::jthread> pool_;
};

}  // namespace hostwatch::http
