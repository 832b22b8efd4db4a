#include "server/http/connection_table.h"

#include <poll.h>

#include <algorithm>

namespace hostwatch::http {
namespace {

/// More connections than a client has that means well and waits for an answer on each.
constexpr std::size_t kSeveral = 64;

}  // namespace

void ConnectionTable::open(std::size_t descriptors) {
  // Some descriptors are the store's, and numbers are given out from the smallest: this many slots are
  // enough.
  constexpr std::size_t kOthers = 512;
  slots_ = std::vector<Slot>(std::min(descriptors, options_.max_connections + kOthers));
  most_ = std::min(options_.max_connections, slots_.size() - std::min(slots_.size() / 2, kOthers));
}

bool ConnectionTable::make_room(int socket, const std::string& address) {
  if (static_cast<std::size_t>(socket) >= slots_.size()) return false;
  const std::size_t open = count_;
  const auto admission = unauthenticated_.ask(address, {open, most_}, Clock::now());
  // One that is at work just now, or waits for its answer, is no idler: the next is looked at.
  const auto may_go = [](const Connection& one) { return one.state != Connection::State::waiting; };
  for (const std::uint64_t ticket : admission.to_end) {
    if (close_if(ticket, may_go)) return true;
  }
  if (open < most_) return admission.is_admitted;
  const std::vector<std::uint64_t> authenticated = authenticated_.to_end();
  const auto can_go = [&](auto condition) {
    return std::any_of(authenticated.begin(), authenticated.end(),
                       [&](std::uint64_t ticket) { return close_if(ticket, condition); });
  };
  // Who has hundreds of requests with the handler can miss one of their answers.
  return can_go(may_go) ||
         can_go([this](const Connection& one) { return held_by_its_client(one) > kSeveral; });
}

void ConnectionTable::add(Channel channel, std::string address) {
  const int socket = channel.socket();
  const auto index = static_cast<std::size_t>(socket);
  Slot& slot = slots_[index];
  const util::MutexLock lock(slot.mutex);
  const std::uint64_t ticket = (std::uint64_t{slot.generation & 0x7FFFFFFFU} << 32U) | index;
  auto connection =
      std::make_unique<Connection>(std::move(channel), ticket, std::move(address), options_.framing);
  connection->unauthenticated = unauthenticated_.add(connection->address, ticket, Clock::now());
  slot.connection = std::move(connection);
  ++count_;
  slot.connection->set_reading_deadline(options_);
  try {
    poller_.add(socket, ticket, EPOLLIN);
  } catch (...) {
    close(slot);
    throw;
  }
}

/// Needs no memory: it is what is left to do where there is none.
void ConnectionTable::close(Slot& slot) noexcept {
  Connection& connection = *slot.connection;
  connection.channel.say_end();
  if (connection.authenticated) authenticated_.remove(*connection.authenticated);
  unauthenticated_.remove(connection.unauthenticated);
  if (connection.unsent) accounts_.unsent.remove(*std::exchange(connection.unsent, std::nullopt));
  accounts_.unfinished.give_back(connection.accounted);
  if (connection.pending) accounts_.pending.finish();
  ++slot.generation;
  slot.connection.reset();
  --count_;
}

void ConnectionTable::close_all() noexcept {
  for (Slot& slot : slots_) {
    const util::MutexLock lock(slot.mutex);
    if (slot.connection) close(slot);
  }
}

bool ConnectionTable::is_awaited(std::uint64_t ticket, std::uint64_t request) {
  Slot& slot = slot_of(ticket);
  const util::MutexLock lock(slot.mutex);
  const Connection* const connection = slot.connection.get();
  if (connection == nullptr || connection->ticket != ticket || !connection->is_waiting_for(request)) {
    return false;
  }
  pollfd one{connection->channel.socket(), POLLRDHUP, 0};
  return ::poll(&one, 1, 0) == 0;
}

void ConnectionTable::prove(Connection& connection, const std::string& client) {
  if (connection.authenticated) {
    authenticated_.renew(*connection.authenticated, client);
    return;
  }
  connection.authenticated = authenticated_.add(client, connection.ticket);
  unauthenticated_.remove(std::exchange(connection.unauthenticated, 0));
}

std::size_t ConnectionTable::held_by_its_client(const Connection& connection) const {
  return connection.authenticated ? authenticated_.count(*connection.authenticated)
                                  : unauthenticated_.count(connection.address);
}

std::string ConnectionTable::client_of(const Connection& connection) const {
  return connection.authenticated ? authenticated_.client_of(*connection.authenticated)
                                  : UnauthenticatedConnections::key_of(connection.address);
}

}  // namespace hostwatch::http
