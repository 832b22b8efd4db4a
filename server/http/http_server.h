#pragma once

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
#include "server/http/http_server_options.h"
#include "server/http/listener.h"
#include "server/http/proven_connections.h"
#include "server/http/request_handler.h"
#include "server/http/request_memory.h"
#include "server/http/request_parser.h"
#include "server/http/tls_context.h"
#include "server/http/unproven_connections.h"
#include "server/http/unsent_answers.h"
#include "util/file_descriptor.h"

namespace hostwatch::http {

class Channel;

/// Connections are non-blocking, parked in one epoll, framed and bounded (RequestFramer) before anything else
/// (RequestParser) sees a byte. A thread of the fixed pool is held only while a whole request is handled, or
/// a piece of an answer is sent, and a connection that has more to do than that goes behind all others: slow
/// or idle clients cost memory, never threads, and busy ones a millisecond at a time. An exception (also for
/// want of memory) costs the connection that it is about. See docs/architecture.md for what this closes.
class HttpServer {
 public:
  HttpServer(HttpServerOptions options, RequestHandler handler, HeadCheck head_check = {},
             RefusalListener refusal_listener = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and starts the pool. Throws std::runtime_error saying what to do (address in use, not ours, ...).
  void start();

  /// The port in use, after start().
  int port() const { return listener_.port(); }

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

  Channel open_channel(util::FileDescriptor socket);
  void run(const std::stop_token& stop, std::vector<char>& buffer);
  void on_event(std::uint64_t what, std::uint32_t events, std::vector<char>& buffer);
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
  RequestParser parser_;
  Listener listener_;
  util::FileDescriptor epoll_;
  util::FileDescriptor wake_;      ///< eventfd: completions are waiting
  util::FileDescriptor timer_;     ///< timerfd: once a second, deadlines are looked at
  util::FileDescriptor stopping_;  ///< eventfd, never read: the pool ends
  std::mutex tls_mutex_;
  std::shared_ptr<const TlsContext> tls_;  ///< null: plain
  std::vector<Slot> slots_;                ///< by socket number
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
