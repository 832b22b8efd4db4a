#include "server/http/answers/answer_sender.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace hostwatch::http {
namespace {

constexpr std::chrono::seconds kLingerTimeout{2};
/// How much of answers to one client is sent before others have their turn, and how much in one piece. Its
/// connections share the former; each sends that much at least.
constexpr std::size_t kSentInATurn = 1024UL * 1024;
constexpr std::size_t kLeastSentInATurn = 64UL * 1024;
constexpr std::size_t kSentAtOnce = 256UL * 1024;

/// Before it has begun: an answer that broke off would look like one that is complete to careless clients.
Response answers_wait() {
  Response response = Response::error(503,
                                      "answers wait for their clients, of this one or of all together, that "
                                      "leave no room for more; ask again later");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace

void AnswerSender::watch(const Connection& connection, std::uint32_t events) const {
  parts_.poller.rearm(connection.channel.socket(), connection.ticket, events);
}

void AnswerSender::respond(Connection& connection, Response response) {
  if (!response.authenticated_client.empty())
    parts_.connections.prove(connection, response.authenticated_client);
  connection.keep_alive = connection.keep_alive && parts_.listener.is_accepting();
  if (!connection.head_only && response.body.size() >= UnsentAnswers::kLarge) {
    connection.unsent =
        parts_.unsent.add_large(connection.ticket, response.body.capacity(),
                                {parts_.connections.client_of(connection), connection.unauthenticated == 0});
    if (!connection.unsent) response = answers_wait();
  }
  std::string head = render_head(response, date_.now(), connection.keep_alive);
  connection.out = connection.head_only
                       ? OutgoingAnswer(std::move(head), {}, {})
                       : OutgoingAnswer(std::move(head), std::move(response.body), response.fixed_body);
  connection.sent = 0;
  connection.taken = 0;
  connection.state = Connection::State::writing;
  connection.answer_began = Connection::Clock::now();
  connection.deadline = connection.answer_began + parts_.options.write_timeout;
  flush(connection);
}

void AnswerSender::refuse_plain(Connection& connection) {
  const Response response = Response::error(400, "this port speaks TLS; use https://");
  connection.channel.write_plain(render_head(response, date_.now(), false) + response.body);
  linger(connection);
}

void AnswerSender::flush(Connection& connection) {
  std::size_t end_of_turn = connection.sent + kSentInATurn;
  if (connection.out.size() - connection.sent > kLeastSentInATurn) {
    end_of_turn = connection.sent + std::max(kSentInATurn / parts_.connections.held_by_its_client(connection),
                                             kLeastSentInATurn);
  }
  while (connection.sent < connection.out.size()) {
    if (connection.sent >= end_of_turn) {
      park(connection);
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
      park(connection);
      watch(connection, moved.next == Moved::Next::readable ? EPOLLIN : EPOLLOUT);
      return;
    }
    connection.sent += moved.bytes;
  }
  after_answer(connection);
}

void AnswerSender::after_answer(Connection& connection) {
  {
    // Gives its memory back, which assigning something empty to it would not.
    OutgoingAnswer sent;
    std::swap(connection.out, sent);
  }
  if (connection.unsent) parts_.unsent.remove(*std::exchange(connection.unsent, std::nullopt));
  connection.head_only = false;
  if (std::exchange(connection.pending, false)) parts_.pending.finish();
  if (!connection.keep_alive) {
    if (connection.linger_after) {
      linger(connection);
    } else {
      connection.dead = true;
    }
    return;
  }
  connection.state = Connection::State::reading;
  if (connection.taking) return;  // RequestReceiver::take_bytes() goes on by itself
  connection.set_reading_deadline(parts_.options);
  watch(connection, connection.leftover.empty() ? EPOLLIN : EPOLLOUT);  // as in RequestReceiver::take_bytes()
}

/// The client takes its answer slowly: it waits, as long as there is room.
void AnswerSender::park(Connection& connection) {
  if (connection.unsent) return;
  connection.unsent =
      parts_.unsent.add(connection.ticket, connection.out.memory(),
                        {parts_.connections.client_of(connection), connection.unauthenticated == 0});
  const auto is_parked = [](const Connection& one) { return one.unsent.has_value(); };
  for (const std::uint64_t ticket : parts_.unsent.beyond_limit(*connection.unsent)) {
    parts_.connections.close_if(ticket, is_parked);
  }
}

/// A client has write_timeout, and a second more for each 64 KiB that it has really taken: not the system's
/// buffer, which takes megabytes at once.
void AnswerSender::look_at_progress(Connection& connection) {
  const std::size_t taken = connection.sent - std::min(connection.sent, connection.channel.untaken());
  if (connection.unsent && taken > connection.taken)
    connection.unsent = parts_.unsent.renew(*connection.unsent);
  connection.taken = std::max(connection.taken, taken);
  connection.deadline = connection.answer_began + parts_.options.write_timeout +
                        std::chrono::seconds(connection.taken / (64UL * 1024));
}

/// Closing with unread bytes would reset the connection and take the answer away from the client: say that we
/// are done, and pass over what still comes for a moment.
void AnswerSender::linger(Connection& connection) {
  connection.channel.finish_writing();
  connection.state = Connection::State::lingering;
  connection.deadline = Connection::Clock::now() + kLingerTimeout;
  watch(connection, EPOLLIN);
}

}  // namespace hostwatch::http
