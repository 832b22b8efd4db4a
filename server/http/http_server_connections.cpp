// HttpServer: how connections come and go, and which of them go first where there is no room.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "server/http/connection.h"
#include "server/http/epoll_events.h"
#include "server/http/failure_log.h"
#include "server/http/http_server.h"

namespace hostwatch::http {
namespace {

/// More connections than a client has that means well and waits for an answer on each.
constexpr std::size_t kSeveral = 64;

}  // namespace

void HttpServer::Connection::give_up(const std::exception& error) noexcept {
  log_failure("a connection failed", error);
  dead = true;
}

/// A session of TLS holds its context, so that connections outlive its replacement.
Channel HttpServer::open_channel(util::FileDescriptor socket) {
  if (!options_.tls) return Channel(std::move(socket));
  const std::lock_guard lock(tls_mutex_);
  return Channel(std::move(socket), *tls_);
}

void HttpServer::open_connection(util::FileDescriptor socket, std::string address) {
  const int number = socket.get();
  const auto index = static_cast<std::size_t>(number);
  if (index >= slots_.size() || !make_room(address)) return;
  const int yes = 1;
  ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  Slot& slot = slots_[index];
  const std::lock_guard lock(slot.mutex);
  auto connection = std::make_unique<Connection>(open_channel(std::move(socket)), slot.ticket_of(index),
                                                 std::move(address), options_.framing);
  connection->unproven = unproven_.add(connection->address, connection->ticket, Clock::now());
  slot.connection = std::move(connection);
  ++connection_count_;
  set_deadline(*slot.connection);
  try {
    add_to_epoll(epoll_.get(), number, slot.connection->ticket, EPOLLIN | EPOLLONESHOT);
  } catch (...) {
    close_connection(slot);
    throw;
  }
}

/// False if a connection from that address cannot come in now. May end another one for it.
bool HttpServer::make_room(const std::string& address) {
  const std::size_t open = connection_count_;
  const auto admission = unproven_.ask(address, {open, options_.max_connections}, Clock::now());
  // One that is at work just now, or waits for its answer, is no idler: the next is looked at.
  const auto may_go = [](const Connection& one) { return one.state != Connection::State::waiting; };
  for (const std::uint64_t ticket : admission.to_end) {
    if (close_if(ticket, may_go)) return true;
  }
  if (open < options_.max_connections) return admission.is_admitted;
  const std::vector<std::uint64_t> proven = proven_.to_end();
  const auto can_go = [&](auto condition) {
    return std::any_of(proven.begin(), proven.end(),
                       [&](std::uint64_t ticket) { return close_if(ticket, condition); });
  };
  // Who has hundreds of requests with the handler can miss one of their answers.
  return can_go(may_go) ||
         can_go([this](const Connection& one) { return held_by_its_client(one) > kSeveral; });
}

/// Ends another connection than the one at hand, unless a thread is at it just now. True if it did.
template <typename Condition>
bool HttpServer::close_if(std::uint64_t ticket, Condition condition) {
  Slot& slot = slots_[Slot::index_of(ticket)];
  const std::unique_lock lock(slot.mutex, std::try_to_lock);
  if (!lock || !slot.connection || slot.connection->ticket != ticket || !condition(*slot.connection)) {
    return false;
  }
  close_connection(slot);
  return true;
}

void HttpServer::prove(Connection& connection, const std::string& client) {
  if (connection.proven) {
    proven_.renew(*connection.proven, client);
    return;
  }
  connection.proven = proven_.add(client, connection.ticket);
  unproven_.remove(std::exchange(connection.unproven, 0));
}

/// How many connections the client of that one has open: whose, as far as is known.
std::size_t HttpServer::held_by_its_client(const Connection& connection) const {
  return connection.proven ? proven_.count(*connection.proven) : unproven_.count(connection.address);
}

/// Whose the connection is, as far as is known.
std::string HttpServer::client_of(const Connection& connection) const {
  return connection.proven ? proven_.client_of(*connection.proven)
                           : UnprovenConnections::key_of(connection.address);
}

/// Needs no memory: it is what is left to do where there is none.
void HttpServer::close_connection(Slot& slot) noexcept {
  Connection& connection = *slot.connection;
  connection.channel.say_end();
  if (connection.proven) proven_.remove(*connection.proven);
  unproven_.remove(connection.unproven);
  if (connection.unsent) unsent_.remove(*std::exchange(connection.unsent, std::nullopt));
  unfinished_.give_back(connection.accounted);
  if (connection.pending) finish_pending();
  ++slot.generation;
  slot.connection.reset();
  --connection_count_;
}

/// A client has write_timeout, and a second more for each 64 KiB that it has really taken: not the system's
/// buffer, which takes megabytes at once.
void HttpServer::look_at_progress(Connection& connection) {
  const std::size_t taken = connection.sent - std::min(connection.sent, connection.channel.untaken());
  if (connection.unsent && taken > connection.taken) connection.unsent = unsent_.renew(*connection.unsent);
  connection.taken = std::max(connection.taken, taken);
  connection.deadline = connection.answer_began + options_.write_timeout +
                        std::chrono::seconds(connection.taken / (64UL * 1024));
}

/// The client takes its answer slowly: it waits, as long as there is room.
void HttpServer::park_answer(Connection& connection) {
  if (connection.unsent) return;
  connection.unsent = unsent_.add(connection.ticket, connection.out.memory(),
                                  {client_of(connection), connection.unproven == 0});
  const auto is_parked = [](const Connection& one) { return one.unsent.has_value(); };
  for (const std::uint64_t ticket : unsent_.beyond_limit(*connection.unsent)) close_if(ticket, is_parked);
}

void HttpServer::sweep() {
  listener_.listen_again();
  const Clock::time_point now = Clock::now();
  for (Slot& slot : slots_) {
    const std::unique_lock lock(slot.mutex, std::try_to_lock);
    // A slot that is held is at work: its deadline is looked at next time.
    if (!lock || !slot.connection) continue;
    try {
      look_at_deadline(slot, now);
    } catch (const std::exception& error) {
      if (!slot.connection) continue;
      slot.connection->give_up(error);
      close_connection(slot);
    }
  }
}

/// With the slot's mutex held.
void HttpServer::look_at_deadline(Slot& slot, Clock::time_point now) {
  Connection& connection = *slot.connection;
  if (connection.state == Connection::State::writing) look_at_progress(connection);
  const bool unwanted = !listener_.is_accepting() && connection.state == Connection::State::reading;
  if (connection.state == Connection::State::waiting || (!unwanted && now < connection.deadline)) return;
  if (connection.state == Connection::State::reading && !connection.framer.is_idle() && !unwanted) {
    refuse(connection, Response::error(408, "the request took too long to arrive"));
    if (!connection.dead) return;
  }
  close_connection(slot);
}

}  // namespace hostwatch::http
