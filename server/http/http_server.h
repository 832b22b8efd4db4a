#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "server/http/answers/answer_sender.h"
#include "server/http/answers/completion_queue.h"
#include "server/http/connection_table.h"
#include "server/http/event_signal.h"
#include "server/http/http_server_options.h"
#include "server/http/limits/request_memory.h"
#include "server/http/limits/unsent_answers.h"
#include "server/http/listener.h"
#include "server/http/pending_requests.h"
#include "server/http/poller.h"
#include "server/http/requests/request_handler.h"
#include "server/http/requests/request_receiver.h"
#include "server/http/tls/tls_context.h"
#include "util/files/file_descriptor.h"
#include "util/mutex.h"

namespace hostwatch::http {

/// Connections are non-blocking, parked in one epoll, framed and bounded (RequestFramer) before anything else
/// (RequestParser) sees a byte. A thread of the fixed pool is held only while a whole request is handled, or
/// a piece of an answer is sent, and a connection that has more to do than that goes behind all others: slow
/// or idle clients cost memory, never threads, and busy ones a millisecond at a time. An exception (also for
/// want of memory) costs the connection that it is about. See docs/architecture.md for what this closes.
///
/// Its parts: Listener takes connections, ConnectionTable keeps them, RequestReceiver makes requests of their
/// bytes, AnswerSender sends the answers; this class has the threads and says whose turn it is.
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
  std::size_t connections() const { return connections_.count(); }
  std::uint64_t requests() const { return requests_.count(); }

 private:
  void watch_all();
  void run(const std::stop_token& stop, std::vector<char>& buffer);
  void on_event(const Poller::Event& event, std::vector<char>& buffer);
  void open_connection(util::FileDescriptor socket, std::string address);
  Channel open_channel(util::FileDescriptor socket);
  void advance(Connection& connection, std::uint32_t events, std::vector<char>& buffer);
  void run_completions();
  void sweep();
  void look_at_deadline(Connection& connection, Connection::Clock::time_point now);

  const HttpServerOptions options_;
  util::Mutex tls_mutex_;
  std::shared_ptr<const TlsContext> tls_ GUARDED_BY(tls_mutex_);  ///< null: plain
  Poller poller_;
  util::FileDescriptor timer_;  ///< timerfd: once a second, deadlines are looked at
  EventSignal stopping_;        ///< never cleared: the pool ends
  Listener listener_;
  RequestMemory unfinished_;
  UnsentAnswers unsent_;
  PendingRequests pending_;
  ConnectionTable connections_;
  CompletionQueue completions_;
  AnswerSender answers_;
  RequestReceiver requests_;
  std::vector<std::jthread> pool_;
};

}  // namespace hostwatch::http
