#include "server/http/requests/request_receiver.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "server/http/answers/responder_ticket.h"

namespace hostwatch::http {
namespace {

/// How long one client's requests keep a thread before others have their turn: as long as handling one of
/// those that are answered at once takes at most. Its connections share that; each handles one request at
/// least.
constexpr std::chrono::microseconds kTurn{1000};

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

}  // namespace

void RequestReceiver::watch(const Connection& connection, std::uint32_t events) const {
  parts_.poller.rearm(connection.channel.socket(), connection.ticket, events);
}

void RequestReceiver::receive(Connection& connection, std::vector<char>& buffer) {
  const bool is_lingering = connection.state == Connection::State::lingering;
  const Moved moved = is_lingering ? connection.channel.pass_over(buffer.data(), buffer.size())
                                   : connection.channel.read(buffer.data(), buffer.size());
  switch (moved.next) {
    case Moved::Next::closed:
      connection.dead = true;
      return;
    case Moved::Next::not_tls:
      parts_.answers.refuse_plain(connection);
      return;
    case Moved::Next::readable:
    case Moved::Next::again:
      // What is no request gives no more time; only the end of the handshake does, once.
      if (connection.handshaking && connection.channel.is_established()) {
        connection.handshaking = false;
        connection.set_reading_deadline(parts_.options);
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
void RequestReceiver::take_bytes(Connection& connection, std::string_view bytes) {
  const Connection::Clock::time_point began = Connection::Clock::now();
  bool is_over = false;
  connection.taking = true;
  while (!bytes.empty() && !is_over && connection.state == Connection::State::reading && !connection.dead) {
    if (connection.framer.is_idle()) connection.request_began = Connection::Clock::now();
    bytes.remove_prefix(connection.framer.feed(bytes));
    if (connection.framer.state() == RequestFramer::State::body) look_at_head(connection);
    switch (connection.framer.state()) {
      case RequestFramer::State::refused:
        refuse_framing(connection);
        break;
      case RequestFramer::State::complete:
        dispatch(connection);
        // Whom the connection belongs to may just have turned out.
        is_over =
            !bytes.empty() &&
            (Connection::Clock::now() - began) * parts_.connections.held_by_its_client(connection) >= kTurn;
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
  connection.set_reading_deadline(parts_.options);
  // Ready at once where there is more to do, but behind all others that are.
  watch(connection, connection.leftover.empty() ? EPOLLIN : EPOLLOUT);
}

/// Requests sent ahead of their answers are a courtesy: they end where the room does.
void RequestReceiver::keep_leftover(Connection& connection, std::string_view bytes) {
  connection.leftover = bytes;
  const bool is_stranger = handlers_.check_head && connection.unauthenticated != 0;
  if (hold_unfinished(connection, is_stranger, bytes.size())) return;
  connection.keep_alive = false;
  connection.linger_after = true;
  std::string().swap(connection.leftover);  // gives its memory back
  parts_.unfinished.give_back(connection.accounted);
  if (connection.state == Connection::State::reading) parts_.answers.linger(connection);
}

void RequestReceiver::go_on(Connection& connection) {
  std::string leftover;
  std::swap(leftover, connection.leftover);
  parts_.unfinished.give_back(connection.accounted);
  take_bytes(connection, leftover);
}

/// Before a body is taken that is still on its way: is it welcome? Once a request.
void RequestReceiver::look_at_head(Connection& connection) {
  if (connection.head_checked || !handlers_.check_head) return;
  std::optional<Request> head;
  std::optional<Response> refusal;
  try {
    head = parse(connection);
    HeadVerdict verdict;
    if (head) {
      verdict = handlers_.check_head(*head, connection.peer());
    } else {
      verdict.refusal = Response::error(400, "the request cannot be read");
    }
    if (!verdict.authenticated_client.empty())
      parts_.connections.prove(connection, verdict.authenticated_client);
    refusal = std::move(verdict.refusal);
    if (!refusal) connection.framer.limit_body(verdict.max_body_bytes);
  } catch (const std::exception& error) {
    log_failed_request(head, error);
    refusal = Response::error(500, "the server failed to answer; its log says why");
  }
  connection.head_checked = true;
  if (refusal) refuse(connection, std::move(*refusal));
}

void RequestReceiver::refuse_framing(Connection& connection) {
  Response refusal = Response::error(connection.framer.refusal_status(), connection.framer.refusal());
  if (handlers_.on_refusal && !connection.framer.head().empty()) {
    std::optional<Request> head;
    try {
      head = parse(connection);
      if (head) handlers_.on_refusal(*head, connection.peer(), refusal);
    } catch (const std::exception& error) {
      spdlog::error("the refusal of {} {} could not be noted: {}", method_of(head), path_of(head),
                    error.what());
    }
  }
  refuse(connection, std::move(refusal));
}

/// False if there is no room for it.
bool RequestReceiver::hold_unfinished(Connection& connection, bool is_stranger, std::size_t bytes) {
  RequestMemory::Holder holder{connection.address, is_stranger, {}};
  if (!is_stranger) {
    holder.client = parts_.connections.client_of(connection);
  }
  return parts_.unfinished.hold(connection.accounted, holder, bytes);
}

/// Keeps the sum of all unfinished requests within bounds, whatever their senders do.
void RequestReceiver::account(Connection& connection) {
  const bool is_stranger =
      handlers_.check_head && !connection.head_checked && connection.unauthenticated != 0;
  if (hold_unfinished(connection, is_stranger, connection.framer.memory())) return;
  Response response = Response::error(503, "the server holds too many unfinished requests; send again later");
  response.headers.emplace_back("Retry-After", "5");
  refuse(connection, std::move(response));
}

/// The request's head as a request without a body.
std::optional<Request> RequestReceiver::parse(const Connection& connection) const {
  return parser_.parse(connection.framer.head(), connection.address);
}

/// Takes the request off the connection, whatever becomes of it: one that stayed, because it could not be
/// parsed for want of memory, would be handled again, and its second answer be taken for the next request's.
std::optional<Request> RequestReceiver::take_request(Connection& connection) {
  // The body is handed over: what it cost is the handler's from here.
  const auto take = [&] {
    parts_.unfinished.give_back(connection.accounted);
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

void RequestReceiver::dispatch(Connection& connection) {
  connection.state = Connection::State::waiting;
  connection.pending = true;
  parts_.pending.add();
  ++count_;
  ++connection.request;
  connection.keep_alive = connection.framer.keep_alive();
  connection.is_http_1_0 = connection.framer.is_http_1_0();
  const auto ticket = std::make_shared<Responder::Ticket>(parts_.completions, parts_.connections, connection);
  std::optional<Request> request;
  std::optional<Response> response;
  try {
    request = take_request(connection);
    if (request) {
      connection.head_only = request->method == "HEAD";
      response = handlers_.handle(*request, Responder(ticket));
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
  if (response && ticket->settle()) parts_.answers.respond(connection, std::move(*response));
}

void RequestReceiver::refuse(Connection& connection, Response response) {
  connection.keep_alive = false;
  connection.linger_after = true;
  connection.framer.reset();
  connection.head_checked = false;
  parts_.unfinished.give_back(connection.accounted);
  parts_.answers.respond(connection, std::move(response));
}

}  // namespace hostwatch::http
