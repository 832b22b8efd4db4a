#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/http/answers/answer_sender.h"
#include "server/http/answers/completion_queue.h"
#include "server/http/connection.h"
#include "server/http/connection_table.h"
#include "server/http/limits/request_memory.h"
#include "server/http/pending_requests.h"
#include "server/http/poller.h"
#include "server/http/requests/request_handler.h"
#include "server/http/requests/request_parser.h"

namespace hostwatch::http {

/// Makes requests of the bytes that arrive and hands them to those who answer: the head alone to the
/// HeadCheck where the body is still to come, then all of it to the RequestHandler. A connection has a
/// bounded turn. For those who hold the connection (ConnectionTable::visit()); thread-safe over different
/// ones.
class RequestReceiver {
 public:
  struct Parts {
    const HttpServerOptions& options;
    const Poller& poller;
    ConnectionTable& connections;
    RequestMemory& unfinished;
    PendingRequests& pending;
    CompletionQueue& completions;
    AnswerSender& answers;
  };
  /// Whom it asks; see there. The latter two may be empty.
  struct Handlers {
    RequestHandler handle;
    HeadCheck check_head;
    RefusalListener on_refusal;
  };

  /// The parts outlive it.
  RequestReceiver(Parts parts, Handlers handlers) : parts_(parts), handlers_(std::move(handlers)) {}

  /// Reads what has come. `buffer`: of the calling thread, of 16 KiB at least.
  void receive(Connection& connection, std::vector<char>& buffer);

  /// The next turn of a connection with bytes that it has sent before.
  void go_on(Connection& connection);

  /// The last answer on this connection, while a request is still arriving.
  void refuse(Connection& connection, Response response);

  /// Whole requests so far.
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  void take_bytes(Connection& connection, std::string_view bytes);
  void keep_leftover(Connection& connection, std::string_view bytes);
  void look_at_head(Connection& connection);
  void refuse_framing(Connection& connection);
  void account(Connection& connection);
  bool hold_unfinished(Connection& connection, bool is_stranger, std::size_t bytes);
  void dispatch(Connection& connection);
  std::optional<Request> parse(const Connection& connection) const;
  std::optional<Request> take_request(Connection& connection);
  void watch(const Connection& connection, std::uint32_t events) const;

  const Parts parts_;
  const Handlers handlers_;
  RequestParser parser_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace hostwatch::http
