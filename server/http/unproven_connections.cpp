#include "server/http/unproven_connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace hostwatch::http {

std::string UnprovenConnections::key_of(const std::string& address) {
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), &bytes) != 1 || IN6_IS_ADDR_V4MAPPED(&bytes)) return address;
  return {reinterpret_cast<const char*>(bytes.s6_addr), 8};
}

UnprovenConnections::Admission UnprovenConnections::ask(const std::string& address, bool is_full, Time now) {
  const std::lock_guard lock(mutex_);
  const auto may_be_ended = [&](const ByNumber& some) {
    return !some.empty() && now - some.begin()->second.opened >= limits_.grace;
  };
  if (is_full) {
    if (may_be_ended(all_)) return {true, all_.begin()->second.ticket};
    return {false, std::nullopt};
  }
  const auto found = by_address_.find(key_of(address));
  if (found == by_address_.end() || found->second.size() < limits_.per_address) return {};
  if (may_be_ended(found->second)) return {true, found->second.begin()->second.ticket};
  return {found->second.size() < 4 * limits_.per_address, std::nullopt};
}

std::uint64_t UnprovenConnections::add(const std::string& address, std::uint64_t ticket, Time now) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = next_++;
  by_address_[key_of(address)].emplace(number, Entry{ticket, now});
  all_.emplace(number, Entry{ticket, now});
  return number;
}

void UnprovenConnections::remove(const std::string& address, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  if (all_.erase(number) == 0) return;
  const auto found = by_address_.find(key_of(address));
  if (found == by_address_.end()) return;
  found->second.erase(number);
  if (found->second.empty()) by_address_.erase(found);
}

std::size_t UnprovenConnections::count(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(key_of(address));
  return found == by_address_.end() ? 0 : found->second.size();
}

}  // namespace hostwatch::http
