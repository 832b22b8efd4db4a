#include "server/http/limits/unauthenticated_connections.h"

#include <algorithm>

#include "net/address.h"

namespace hostwatch::http {

std::string UnauthenticatedConnections::key_of(const std::string& address) {
  return net::network_of(address);
}

std::vector<std::uint64_t> UnauthenticatedConnections::oldest_of(const ByNumber& some, Time opened_before) {
  constexpr std::size_t kEnough = 32;  // some may be at work and cannot go just now
  std::vector<std::uint64_t> tickets;
  for (auto next = some.begin(); next != some.end() && tickets.size() < kEnough; ++next) {
    if (next->second.opened > opened_before) break;
    tickets.push_back(next->second.ticket);
  }
  return tickets;
}

UnauthenticatedConnections::Admission UnauthenticatedConnections::ask(const std::string& address, Room room,
                                                                      Time now) const {
  const util::MutexLock lock(mutex_);
  const Time long_enough_ago = now - limits_.grace;
  if (room.open >= room.most) {
    const bool are_many = all_.size() > std::max(room.most / 4, limits_.per_address);
    return {false, oldest_of(all_, are_many ? now : long_enough_ago)};
  }
  const auto found = by_address_.find(key_of(address));
  if (found == by_address_.end()) return {};
  const ByNumber& connections = found->second.connections;
  if (connections.size() < limits_.per_address) return {};
  return {connections.size() < 4 * limits_.per_address, oldest_of(connections, long_enough_ago)};
}

std::uint64_t UnauthenticatedConnections::add(const std::string& address, std::uint64_t ticket, Time now) {
  const util::MutexLock lock(mutex_);
  const std::uint64_t number = next_++;
  // All that may fail for want of memory comes before anything is changed.
  ByNumber of_client{{number, {ticket, now, nullptr}}};
  ByNumber of_all = of_client;
  const auto found = by_address_.try_emplace(key_of(address)).first;
  Client& client = found->second;
  client.key = &found->first;
  of_all.begin()->second.client = &client;
  client.connections.merge(of_client);
  all_.merge(of_all);
  return number;
}

void UnauthenticatedConnections::remove(std::uint64_t number) noexcept {
  const util::MutexLock lock(mutex_);
  const auto found = all_.find(number);
  if (found == all_.end()) return;
  Client& client = *found->second.client;
  all_.erase(found);
  client.connections.erase(number);
  if (client.connections.empty()) by_address_.erase(by_address_.find(*client.key));
}

std::size_t UnauthenticatedConnections::count(const std::string& address) const {
  const util::MutexLock lock(mutex_);
  const auto found = by_address_.find(key_of(address));
  return found == by_address_.end() ? 0 : found->second.connections.size();
}

}  // namespace hostwatch::http
