#include "server/http/limits/authenticated_connections.h"

namespace hostwatch::http {

/// Its own if there is none yet: then it holds nothing, until something is put there.
AuthenticatedConnections::Holders::iterator AuthenticatedConnections::holder_of(const std::string& client) {
  const auto [holder, is_new] = holders_.try_emplace(client);
  if (!is_new) return holder;
  try {
    by_count_.emplace(0, &holder->second);
  } catch (...) {
    holders_.erase(holder);
    throw;
  }
  return holder;
}

/// After it held `before` connections. Takes no memory; the holder is gone if it holds nothing any more.
void AuthenticatedConnections::count_again(Holders::iterator holder, std::size_t before) noexcept {
  auto node = by_count_.extract({before, &holder->second});
  if (holder->second.empty()) {
    holders_.erase(holder);
    return;
  }
  node.value().first = holder->second.size();
  by_count_.insert(std::move(node));
}

AuthenticatedConnections::Place AuthenticatedConnections::add(const std::string& client,
                                                              std::uint64_t ticket) {
  const util::MutexLock lock(mutex_);
  // Made first: where there is no memory for all of it, nothing has changed.
  Entries entry;
  std::list<Place> turn;
  const Place place = entry.insert(entry.end(), Entry{ticket, holders_.end(), {}});
  turn.push_back(place);
  place->turn = turn.begin();
  place->holder = holder_of(client);
  Entries& held = place->holder->second;
  held.splice(held.end(), entry);
  all_.splice(all_.end(), turn);
  count_again(place->holder, held.size() - 1);
  return place;
}

void AuthenticatedConnections::renew(Place place, const std::string& client) {
  const util::MutexLock lock(mutex_);
  const Holders::iterator from = place->holder;
  const Holders::iterator to = from->first == client ? from : holder_of(client);
  to->second.splice(to->second.end(), from->second, place);
  all_.splice(all_.end(), all_, place->turn);
  if (to == from) return;
  place->holder = to;
  count_again(to, to->second.size() - 1);
  count_again(from, from->second.size() + 1);
}

void AuthenticatedConnections::remove(Place place) noexcept {
  const util::MutexLock lock(mutex_);
  const Holders::iterator holder = place->holder;
  all_.erase(place->turn);
  holder->second.erase(place);
  count_again(holder, holder->second.size() + 1);
}

std::string AuthenticatedConnections::client_of(Place place) const {
  const util::MutexLock lock(mutex_);
  return place->holder->first;
}

std::size_t AuthenticatedConnections::count(Place place) const {
  const util::MutexLock lock(mutex_);
  return place->holder->second.size();
}

std::vector<std::uint64_t> AuthenticatedConnections::to_end() const {
  constexpr std::size_t kEnough = 32;  // some may be at work and cannot go just now
  const util::MutexLock lock(mutex_);
  std::vector<std::uint64_t> tickets;
  for (auto most = by_count_.rbegin(); most != by_count_.rend() && most->first > 1; ++most) {
    for (const Entry& entry : *most->second) {
      if (tickets.size() == kEnough) return tickets;
      tickets.push_back(entry.ticket);
    }
  }
  for (auto next = all_.begin(); next != all_.end() && tickets.size() < kEnough; ++next) {
    tickets.push_back((*next)->ticket);
  }
  return tickets;
}

}  // namespace hostwatch::http
