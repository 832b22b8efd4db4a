// HttpServer: one connection's requests, from the bytes that arrive to the answer that is sent.
#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <algorithm>

#include "server/http/connection.h"
#include "server/http/http_server.h"

namespace hostwatch::http {
namespace {

constexpr std::chrono::seconds kLingerTimeout{2};
/// How long one client's requests keep a thread before others have their turn: as long as handling one of
/// those that are answered at once takes at most. Its connections share that; each handles one request at
/// least.
constexpr std::chrono::microseconds kTurn{1000};
/// How much of answers to one client is sent before others have their turn, and how much in one piece. Its
/// connections share the former; each sends that much at least.
constexpr std::size_t kSentInATurn = 1024UL * 1024;
constexpr std::size_t kLeastSentInATurn = 64UL * 1024;
constexpr std::size_t kSentAtOnce = 256UL * 1024;

/// Something empty that is assigned to it would leave it its memory.
template <typename Text>
void give_back(Text& text) {
  Text fresh;
  std::swap(text, fresh);
}

/// For the log, without its query; takes no memory.
std::string_view method_of(const std::optional<Request>& request) {
  return request ? std::string_view(request->method) : "a request";
}
std::string_view path_of(const std::optional<Request>& request) {
  return request ? request->path_as_sent() : "that could not be read";
}

void log_failed_request(const std::optional<Request>& request, const std::exception& error) {
  spdlog::error("{} {} failed: {}", method_of(request), path_of(request), error.what());
}

/// Before it has begun: an answer that broke off would look like one that is complete to careless clients.
Response answers_wait() {
  Response response = Response::error(503,
                                      "answers wait for their clients, of this one or of all together, that "
                                      "leave no room for more; ask again later");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace

void HttpServer::receive(Connection& connection, std::vector<char>& buffer) {
  const bool is_lingering = connection.state == Connection::State::lingering;
  const Moved moved = is_lingering ? connection.channel.pass_over(buffer.data(), buffer.size())
                                   : connection.channel.read(buffer.data(), buffer.size());
  switch (moved.next) {
    case Moved::Next::closed:
      connection.dead = true;
      return;
    case Moved::Next::not_tls:
      refuse_plain(connection);
      return;
    case Moved::Next::readable:
    case Moved::Next::again:
      // What is no request gives no more time; only the end of the handshake does, once.
      if (connection.handshaking && connection.channel.is_established()) {
        connection.handshaking = false;
        set_deadline(connection);
      }
      watch(connection, moved.next == Moved::Next::again ? EPOLLOUT : EPOLLIN);
      return;
    case Moved::Next::writable:
      watch(connection, EPOLLOUT);
      return;
    case Moved::Next::more:
      break;
  }
  if (is_lingering) {
    watch(connection, EPOLLIN);
    return;
  }
  take_bytes(connection, std::string_view(buffer.data(), moved.bytes));
}

/// Feeds bytes to the connection's requests, for one turn.
void HttpServer::take_bytes(Connection& connection, std::string_view bytes) {
  const Clock::time_point began = Clock::now();
  bool is_over = false;
  connection.taking = true;
  while (!bytes.empty() && !is_over && connection.state == Connection::State::reading && !connection.dead) {
    if (connection.framer.is_idle()) connection.request_began = Clock::now();
    bytes.remove_prefix(connection.framer.feed(bytes));
    if (connection.framer.state() == RequestFramer::State::body) look_at_head(connection);
    switch (connection.framer.state()) {
      case RequestFramer::State::refused:
        refuse_framing(connection);
        break;
      case RequestFramer::State::complete:
        dispatch(connection);
        // Whom the connection belongs to may just have turned out.
        is_over = !bytes.empty() && (Clock::now() - began) * held_by_its_client(connection) >= kTurn;
        break;
      case RequestFramer::State::head:
      case RequestFramer::State::body:
        if (connection.state != Connection::State::reading) break;  // its head was refused
        account(connection);
        if (connection.framer.take_continue()) connection.send_now("HTTP/1.1 100 Continue\r\n\r\n");
        break;
    }
  }
  connection.taking = false;
  if (connection.dead || connection.state == Connection::State::lingering) return;
  if (!bytes.empty()) keep_leftover(connection, bytes);
  if (connection.state != Connection::State::reading) return;
  set_deadline(connection);
  // Ready at once where there is more to do, but behind all others that are.
  watch(connection, connection.leftover.empty() ? EPOLLIN : EPOLLOUT);
}

/// Requests sent ahead of their answers are a courtesy: they end where the room does.
void HttpServer::keep_leftover(Connection& connection, std::string_view bytes) {
  connection.leftover = bytes;
  const bool is_stranger = head_check_ && connection.unproven != 0;
  if (hold_unfinished(connection, is_stranger, bytes.size())) return;
  connection.keep_alive = false;
  connection.linger_after = true;
  give_back(connection.leftover);
  unfinished_.give_back(connection.accounted);
  if (connection.state == Connection::State::reading) linger(connection);
}

/// The next turn of a connection with bytes that it has sent before.
void HttpServer::go_on(Connection& connection) {
  std::string leftover;
  std::swap(leftover, connection.leftover);
  unfinished_.give_back(connection.accounted);
  take_bytes(connection, leftover);
}

/// Before a body is taken that is still on its way: is it welcome? Once a request.
void HttpServer::look_at_head(Connection& connection) {
  if (connection.head_checked || !head_check_) return;
  std::optional<Request> head;
  std::optional<Response> refusal;
  try {
    head = parse(connection);
    HeadVerdict verdict;
    if (head) {
      verdict = head_check_(*head, connection.peer());
    } else {
      verdict.refusal = Response::error(400, "the request cannot be read");
    }
    if (!verdict.proven_client.empty()) prove(connection, verdict.proven_client);
    refusal = std::move(verdict.refusal);
    if (!refusal) connection.framer.limit_body(verdict.max_body_bytes);
  } catch (const std::exception& error) {
    log_failed_request(head, error);
    refusal = Response::error(500, "the server failed to answer; its log says why");
  }
  connection.head_checked = true;
  if (refusal) refuse(connection, std::move(*refusal));
}

void HttpServer::refuse_framing(Connection& connection) {
  Response refusal = Response::error(connection.framer.refusal_status(), connection.framer.refusal());
  if (refusal_listener_ && !connection.framer.head().empty()) {
    std::optional<Request> head;
    try {
      head = parse(connection);
      if (head) refusal_listener_(*head, connection.peer(), refusal);
    } catch (const std::exception& error) {
      spdlog::error("the refusal of {} {} could not be noted: {}", method_of(head), path_of(head),
                    error.what());
    }
  }
  refuse(connection, std::move(refusal));
}

/// False if there is no room for it.
bool HttpServer::hold_unfinished(Connection& connection, bool is_stranger, std::size_t bytes) {
  RequestMemory::Holder holder{connection.address, is_stranger, {}};
  if (!is_stranger) {
    holder.client = client_of(connection);
  }
  return unfinished_.hold(connection.accounted, holder, bytes);
}

/// Keeps the sum of all unfinished requests within bounds, whatever their senders do.
void HttpServer::account(Connection& connection) {
  const bool is_stranger = head_check_ && !connection.head_checked && connection.unproven != 0;
  if (hold_unfinished(connection, is_stranger, connection.framer.memory())) return;
  Response response = Response::error(503, "the server holds too many unfinished requests; send again later");
  response.headers.emplace_back("Retry-After", "5");
  refuse(connection, std::move(response));
}

void HttpServer::set_deadline(Connection& connection) {
  const RequestFramer& framer = connection.framer;
  if (!connection.channel.is_established()) {
    connection.deadline = connection.opened + options_.head_timeout;
  } else if (framer.is_idle()) {
    connection.deadline = Clock::now() + options_.idle_timeout;
  } else if (framer.state() == RequestFramer::State::head) {
    connection.deadline = connection.request_began + options_.head_timeout;
  } else {
    // A body has ten seconds and one more for each 64 KiB that has really come.
    const auto for_size = std::chrono::seconds(framer.size() / (64UL * 1024));
    connection.deadline = connection.request_began + options_.head_timeout + options_.body_timeout + for_size;
  }
}

/// The request's head as a request without a body.
std::optional<Request> HttpServer::parse(Connection& connection) {
  return parser_.parse(connection.framer.head(), connection.address);
}

/// Takes the request off the connection, whatever becomes of it: one that stayed, because it could not be
/// parsed for want of memory, would be handled again, and its second answer be taken for the next request's.
std::optional<Request> HttpServer::take_request(Connection& connection) {
  // The body is handed over: what it cost is the handler's from here.
  const auto take = [&] {
    unfinished_.give_back(connection.accounted);
    connection.framer.reset();
    connection.head_checked = false;
  };
  std::optional<Request> request;
  try {
    request = parse(connection);
  } catch (...) {
    take();
    throw;
  }
  if (request) request->body = std::move(connection.framer.body());
  take();
  return request;
}

void HttpServer::dispatch(Connection& connection) {
  connection.state = Connection::State::waiting;
  connection.pending = true;
  ++pending_;
  ++request_count_;
  ++connection.request;
  connection.keep_alive = connection.framer.keep_alive();
  const auto ticket =
      std::make_shared<Responder::Ticket>(*this, connection.ticket, connection.request, connection.peer());
  std::optional<Request> request;
  std::optional<Response> response;
  try {
    request = take_request(connection);
    if (request) {
      connection.head_only = request->method == "HEAD";
      response = handler_(*request, Responder(ticket));
    } else {
      connection.keep_alive = false;
      response = Response::error(400, "the request cannot be read");
    }
  } catch (const std::exception& error) {
    log_failed_request(request, error);
    // One that was not read may be HEAD, whose client would take the body for its next answer's beginning.
    if (!request) connection.keep_alive = false;
    response = Response::error(500, "the server failed to answer; its log says why");
  }
  if (response && ticket->settle()) respond(connection, std::move(*response));
}

void HttpServer::respond(Connection& connection, Response response) {
  if (!response.proven_client.empty()) prove(connection, response.proven_client);
  connection.keep_alive = connection.keep_alive && listener_.is_accepting();
  if (!connection.head_only && response.body.size() >= UnsentAnswers::kLarge) {
    connection.unsent = unsent_.add_large(connection.ticket, response.body.capacity(),
                                          {client_of(connection), connection.unproven == 0});
    if (!connection.unsent) response = answers_wait();
  }
  std::string head = render_head(response, date_.now(), connection.keep_alive);
  connection.out = connection.head_only
                       ? OutgoingAnswer(std::move(head), {}, {})
                       : OutgoingAnswer(std::move(head), std::move(response.body), response.fixed_body);
  connection.sent = 0;
  connection.taken = 0;
  connection.state = Connection::State::writing;
  connection.answer_began = Clock::now();
  connection.deadline = connection.answer_began + options_.write_timeout;
  flush(connection);
}

/// The last answer on this connection, while a request is still arriving.
void HttpServer::refuse(Connection& connection, Response response) {
  connection.keep_alive = false;
  connection.linger_after = true;
  connection.framer.reset();
  connection.head_checked = false;
  unfinished_.give_back(connection.accounted);
  respond(connection, std::move(response));
}

/// In plain words, for a browser that was sent to http:// where it should be https://.
void HttpServer::refuse_plain(Connection& connection) {
  const Response response = Response::error(400, "this port speaks TLS; use https://");
  connection.channel.write_plain(render_head(response, date_.now(), false) + response.body);
  linger(connection);
}

/// Sends for one turn.
void HttpServer::flush(Connection& connection) {
  std::size_t end_of_turn = connection.sent + kSentInATurn;
  if (connection.out.size() - connection.sent > kLeastSentInATurn) {
    end_of_turn =
        connection.sent + std::max(kSentInATurn / held_by_its_client(connection), kLeastSentInATurn);
  }
  while (connection.sent < connection.out.size()) {
    if (connection.sent >= end_of_turn) {
      park_answer(connection);
      watch(connection, EPOLLOUT);
      return;
    }
    const std::string_view rest = connection.out.from(connection.sent);
    const std::size_t at_once = std::min(kSentAtOnce, end_of_turn - connection.sent);
    const Moved moved = connection.channel.write(rest.substr(0, at_once));
    if (moved.next == Moved::Next::closed) {
      connection.dead = true;
      return;
    }
    if (moved.next != Moved::Next::more) {
      park_answer(connection);
      watch(connection, moved.next == Moved::Next::readable ? EPOLLIN : EPOLLOUT);
      return;
    }
    connection.sent += moved.bytes;
  }
  after_answer(connection);
}

void HttpServer::after_answer(Connection& connection) {
  give_back(connection.out);
  if (connection.unsent) unsent_.remove(*std::exchange(connection.unsent, std::nullopt));
  connection.head_only = false;
  if (std::exchange(connection.pending, false)) finish_pending();
  if (!connection.keep_alive) {
    if (connection.linger_after) {
      linger(connection);
    } else {
      connection.dead = true;
    }
    return;
  }
  connection.state = Connection::State::reading;
  if (connection.taking) return;  // take_bytes() goes on by itself
  set_deadline(connection);
  watch(connection, connection.leftover.empty() ? EPOLLIN : EPOLLOUT);  // as in take_bytes()
}

/// Closing with unread bytes would reset the connection and take the answer away from the client: say that we
/// are done, and pass over what still comes for a moment.
void HttpServer::linger(Connection& connection) {
  connection.channel.finish_writing();
  connection.state = Connection::State::lingering;
  connection.deadline = Clock::now() + kLingerTimeout;
  watch(connection, EPOLLIN);
}

}  // namespace hostwatch::http
