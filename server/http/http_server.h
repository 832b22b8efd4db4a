#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/http/date_text.h"
#include "server/http/proven_connections.h"
#include "server/http/request_framer.h"
#include "server/http/request_memory.h"
#include "server/http/response.h"
#include "server/http/tls_context.h"
#include "server/http/unproven_connections.h"
#include "server/http/unsent_answers.h"
#include "util/file_descriptor.h"

namespace hostwatch::http {

class Channel;
class HttpServer;

/// Who sent a request, as the connection tells.
struct Peer {
  std::string address;
  bool encrypted = false;
  bool has_client_certificate = false;  ///< one that was verified
  std::uint64_t connection = 0;         ///< tells it from every other one since the start
};

/// Answers one request later, from any thread. Copies mean the same request; the first answer counts. If the
/// client has gone meanwhile the answer is dropped; where the last copy goes without an answer the connection
/// is closed, so that no client waits for ever. Thread-safe. Must not outlive its HttpServer.
class Responder {
 public:
  /// The place of the answer, made when the request came, so that answering needs no memory.
  class Ticket;

  explicit Responder(std::shared_ptr<Ticket> ticket) : ticket_(std::move(ticket)) {}

  void answer(Response response) const;

  /// False once nobody waits for the answer any more: the client has closed its side of the connection. Asks
  /// the system; for those whose work is worth it, and not to be called within the RequestHandler.
  bool is_wanted() const;

  const Peer& peer() const;

  /// See vouching_for(); empty: nobody who has proved anything.
  const std::string& proven_client() const { return proven_client_; }

  /// The same, for a client that has proved who it is, or need not: see Response::proven_client.
  Responder vouching_for(std::string client) const {
    Responder copy = *this;
    copy.proven_client_ = std::move(client);
    return copy;
  }

 private:
  std::shared_ptr<Ticket> ticket_;
  std::string proven_client_;
};

/// A request as cpp-httplib parsed it, with the whole body in `body`.
using Request = httplib::Request;

/// Answers a request: at once, or later through a copy of the Responder (then it returns nothing). Runs on
/// the server's pool, several at once; must not block on anything slow. May throw: that is a 500, logged.
using RequestHandler = std::function<std::optional<Response>(const Request&, const Responder&)>;

/// What is to become of a request whose body is still to come.
struct HeadVerdict {
  std::optional<Response> refusal;  ///< it is turned away, and its body is not taken
  std::size_t max_body_bytes = SIZE_MAX;
  std::string proven_client;  ///< as in Response
};

/// Looks at a request's head (`body` is empty) before its body is taken, where the two do not come in one
/// piece; the RequestHandler is asked all the same once the request is whole. Runs on the server's pool; must
/// not block. May throw: that is a 500, logged.
using HeadCheck = std::function<HeadVerdict(const Request& head, const Peer& peer)>;

/// Is told of a request that is refused for its framing, before the RequestHandler would see it: with its
/// head as far as it was read (`body` is empty), if that is more than nothing. Runs on the server's pool;
/// must not block. May throw: that is logged.
using RefusalListener = std::function<void(const Request& head, const Peer& peer, const Response& refusal)>;

/// Seconds since 1970 by the system's clock.
std::int64_t system_unix_clock();

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
  /// At max_connections the oldest unproven one makes room for a new one, else the client that holds the most
  /// gives the one on which it has had no answer for the longest time.
  UnprovenConnections::Limits unproven;
  std::function<std::int64_t()> unix_clock = system_unix_clock;  ///< Unix seconds, for the answers' Date
};

/// cpp-httplib driven from outside. The library listens, parses requests and decodes addresses; connections
/// are ours: non-blocking, parked in one epoll, framed and bounded (RequestFramer) before the library sees a
/// byte. A thread of the fixed pool is held only while a whole request is handled, or a piece of an answer is
/// sent, and a connection that has more to do than that goes behind all others: slow or idle clients cost
/// memory, never threads, and busy ones a millisecond at a time. An exception (also for want of memory) costs
/// the connection that it is about. See docs/architecture.md for what this closes.
class HttpServer : private httplib::Server {
 public:
  HttpServer(HttpServerOptions options, RequestHandler handler, HeadCheck head_check = {},
             RefusalListener refusal_listener = {});
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

  /// Memory of requests that have not come to their end.
  std::size_t unfinished_bytes() const { return unfinished_.bytes(); }

  /// Connections open now.
  std::size_t connections() const { return connection_count_.load(std::memory_order_relaxed); }
  std::uint64_t requests() const { return request_count_.load(std::memory_order_relaxed); }

 private:
  friend class Responder::Ticket;
  struct Connection;
  struct Slot;
  struct Completion;
  using Clock = std::chrono::steady_clock;

  void listen_on_socket();
  Channel open_channel(util::FileDescriptor socket);
  void run(const std::stop_token& stop, std::vector<char>& buffer);
  void on_event(std::uint64_t what, std::uint32_t events, std::vector<char>& buffer);
  void accept_connections();
  void take_connection(util::FileDescriptor socket, const sockaddr_storage& from);
  void open_connection(util::FileDescriptor socket, std::string address);
  bool make_room(const std::string& address);
  template <typename Condition>
  bool close_if(std::uint64_t ticket, Condition condition);
  void prove(Connection& connection, const std::string& client);
  std::size_t held_by_its_client(const Connection& connection) const;
  std::string client_of(const Connection& connection) const;
  void park_answer(Connection& connection);
  void look_at_progress(Connection& connection);
  void on_connection_event(std::uint64_t ticket, std::uint32_t events, std::vector<char>& buffer);
  void advance(Connection& connection, std::uint32_t events, std::vector<char>& buffer);
  void receive(Connection& connection, std::vector<char>& buffer);
  void take_bytes(Connection& connection, std::string_view bytes);
  void keep_leftover(Connection& connection, std::string_view bytes);
  void go_on(Connection& connection);
  void look_at_head(Connection& connection);
  void refuse_framing(Connection& connection);
  void account(Connection& connection);
  bool hold_unfinished(Connection& connection, bool is_stranger, std::size_t bytes);
  void dispatch(Connection& connection);
  std::optional<Request> parse(Connection& connection);
  std::optional<Request> take_request(Connection& connection);
  template <typename Self>
  static void let_library_parse(Self& self, httplib::Stream& stream, const std::string& address,
                                const std::function<void(httplib::Request&)>& take);
  void respond(Connection& connection, Response response);
  void flush(Connection& connection);
  void after_answer(Connection& connection);
  void refuse(Connection& connection, Response response);
  void refuse_plain(Connection& connection);
  void linger(Connection& connection);
  void watch(Connection& connection, std::uint32_t events);
  void close_connection(Slot& slot) noexcept;
  void set_deadline(Connection& connection);
  void complete(std::list<Completion>& one);
  void finish(Completion& completion);
  bool is_awaited(std::uint64_t ticket, std::uint64_t request);
  void run_completions();
  void sweep();
  void look_at_deadline(Slot& slot, Clock::time_point now);
  void finish_pending();

  HttpServerOptions options_;
  RequestHandler handler_;
  HeadCheck head_check_;
  RefusalListener refusal_listener_;
  DateText date_;
  int port_ = 0;
  util::FileDescriptor epoll_;
  util::FileDescriptor wake_;      ///< eventfd: completions are waiting
  util::FileDescriptor timer_;     ///< timerfd: once a second, deadlines are looked at
  util::FileDescriptor stopping_;  ///< eventfd, never read: the pool ends
  std::mutex tls_mutex_;
  std::shared_ptr<const TlsContext> tls_;  ///< null: plain
  std::vector<Slot> slots_;                ///< by socket number
  std::atomic<bool> accepting_{false};
  std::atomic<bool> paused_{false};  ///< out of descriptors: the next sweep listens again
  std::atomic<std::size_t> connection_count_{0};
  std::atomic<std::size_t> pending_{0};  ///< requests whose answer is not sent yet
  RequestMemory unfinished_;
  UnsentAnswers unsent_;
  UnprovenConnections unproven_;
  ProvenConnections proven_;
  std::atomic<std::uint64_t> request_count_{0};
  std::mutex idle_mutex_;
  std::condition_variable idle_;  ///< no request is pending
  std::mutex completions_mutex_;
  std::list<Completion> completions_;
  std::vector<std::jthread> pool_;
};

}  // namespace hostwatch::http
