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
/// Likewise how long answers to one client are made that are made while they are sent, and one piece at
/// least.
constexpr std::chrono::microseconds kMadeInATurn{1000};

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
  if (!connection.head_only && !take_room(connection, response)) response = answers_wait();
  begin(connection, std::move(response));
  connection.sent = 0;
  connection.taken = 0;
  connection.state = Connection::State::writing;
  connection.answer_began = Connection::Clock::now();
  connection.deadline = connection.answer_began + parts_.options.write_timeout;
  flush(connection);
}

/// False if it is a large answer for which there is none.
bool AnswerSender::take_room(Connection& connection, const Response& response) const {
  const std::size_t bytes = response.source ? response.source->memory() : response.body.capacity();
  const bool is_large = (response.source ? bytes : response.body.size()) >= UnsentAnswers::kLarge;
  if (!is_large) return true;
  connection.unsent = parts_.unsent.add_large(
      connection.ticket, bytes, {parts_.connections.client_of(connection), connection.unauthenticated == 0});
  return connection.unsent.has_value();
}

/// Makes what is sent first of it.
void AnswerSender::begin(Connection& connection, Response response) {
  BodyEnd end = BodyEnd::by_length;
  if (response.source) {
    const bool has_chunks = !connection.head_only && !connection.is_http_1_0;
    end = has_chunks ? BodyEnd::by_chunk : BodyEnd::untold;
    if (!connection.head_only && !has_chunks) connection.keep_alive = false;
  }
  std::string head = render_head(response, date_.now(), connection.keep_alive, end);
  if (connection.head_only) {
    connection.out = OutgoingAnswer(std::move(head), {}, std::string_view());
  } else if (response.source) {
    connection.out = OutgoingAnswer(std::move(head), std::move(response.source), end == BodyEnd::by_chunk);
  } else {
    connection.out = OutgoingAnswer(std::move(head), std::move(response.body), response.fixed_body);
  }
}

void AnswerSender::refuse_plain(Connection& connection) {
  const Response response = Response::error(400, "this port speaks TLS; use https://");
  connection.channel.write_plain(render_head(response, date_.now(), false) + response.body);
  linger(connection);
}

void AnswerSender::flush(Connection& connection) {
  Connection::Clock::time_point began;
  bool has_made = false;
  std::size_t end_of_turn = connection.sent + kSentInATurn;
  if (!connection.out.is_whole() || connection.out.size() - connection.sent > kLeastSentInATurn) {
    end_of_turn = connection.sent + std::max(kSentInATurn / parts_.connections.held_by_its_client(connection),
                                             kLeastSentInATurn);
  }
  while (true) {
    if (connection.sent == connection.out.size()) {
      if (connection.out.is_whole()) break;
      if (!std::exchange(has_made, true)) {
        began = Connection::Clock::now();
      } else if (is_over(connection, began)) {
        park(connection, EPOLLOUT);
        return;
      }
      connection.out.make_next_piece();
      continue;
    }
    if (connection.sent >= end_of_turn) {
      park(connection, EPOLLOUT);
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
      park(connection, moved.next == Moved::Next::readable ? EPOLLIN : EPOLLOUT);
      return;
    }
    connection.sent += moved.bytes;
  }
  after_answer(connection);
}

/// Whether a turn in which answers are made has taken as long as it may.
bool AnswerSender::is_over(const Connection& connection, Connection::Clock::time_point began) const {
  return (Connection::Clock::now() - began) * parts_.connections.held_by_its_client(connection) >=
         kMadeInATurn;
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

/// The client takes its answer slowly, or others have their turn: it waits, as long as there is room.
void AnswerSender::park(Connection& connection, std::uint32_t events) {
  if (!connection.unsent) {
    connection.unsent =
        parts_.unsent.add(connection.ticket, connection.out.memory(),
                          {parts_.connections.client_of(connection), connection.unauthenticated == 0});
    const auto is_parked = [](const Connection& one) { return one.unsent.has_value(); };
    for (const std::uint64_t ticket : parts_.unsent.beyond_limit(*connection.unsent)) {
      parts_.connections.close_if(ticket, is_parked);
    }
  }
  watch(connection, events);
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
