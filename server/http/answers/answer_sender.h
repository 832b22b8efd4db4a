#pragma once

#include <cstdint>

#include "server/http/answers/date_text.h"
#include "server/http/answers/response.h"
#include "server/http/connection.h"
#include "server/http/connection_table.h"
#include "server/http/limits/unsent_answers.h"
#include "server/http/listener.h"
#include "server/http/pending_requests.h"
#include "server/http/poller.h"

namespace hostwatch::http {

/// Sends answers, to each client as it takes them, and a bounded piece in a turn. What is made while it is
/// sent is made here, a piece when the one before has gone. For those who hold the
/// connection (ConnectionTable::visit()); thread-safe over different ones.
class AnswerSender {
 public:
  struct Parts {
    const HttpServerOptions& options;
    const Poller& poller;
    const Listener& listener;  ///< once it has stopped no connection is kept alive
    ConnectionTable& connections;
    UnsentAnswers& unsent;
    PendingRequests& pending;
  };

  /// The parts outlive it.
  explicit AnswerSender(Parts parts) : parts_(parts), date_(parts.options.unix_clock) {}

  /// Answers the connection's request, or what is at fault with it.
  void respond(Connection& connection, Response response);

  /// In plain words, for a browser that was sent to http:// where it should be https://. The connection's
  /// end.
  void refuse_plain(Connection& connection);

  /// Sends for one turn. With the answer sent the connection is ready for its next request, or at its end.
  void flush(Connection& connection);

  /// The end of a connection whose client may still be sending.
  void linger(Connection& connection);

  /// Moves the deadline of an answer on by what its client has taken. To be called now and then.
  void look_at_progress(Connection& connection);

 private:
  void begin(Connection& connection, Response response);
  bool take_room(Connection& connection, const Response& response) const;
  bool is_over(const Connection& connection, Connection::Clock::time_point began) const;
  void after_answer(Connection& connection);
  void park(Connection& connection, std::uint32_t events);
  void watch(const Connection& connection, std::uint32_t events) const;

  const Parts parts_;
  DateText date_;
};

}  // namespace hostwatch::http
