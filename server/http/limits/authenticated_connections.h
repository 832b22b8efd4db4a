#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "util/mutex.h"

namespace hostwatch::http {

/// Connections whose clients have proved who they are, by client and in the order in which they last did: so
/// that where there is no room whoever holds the most gives first, however busy it keeps them, and where
/// each holds one who has been quiet for the longest time. Thread-safe.
class AuthenticatedConnections {
  struct Entry;
  using Entries = std::list<Entry>;

 public:
  /// Where a connection stands, until it is removed.
  using Place = Entries::iterator;

  /// `client`: any text that tells it from others. Changes nothing where memory is wanting; nor does renew().
  Place add(const std::string& client, std::uint64_t ticket);

  /// It has proved itself again, as that client.
  void renew(Place place, const std::string& client);

  /// It is gone. Needs no memory.
  void remove(Place place) noexcept;

  /// The client of that connection.
  std::string client_of(Place place) const;

  /// How many the client of that connection holds.
  std::size_t count(Place place) const;

  /// Tickets in the order in which they make room: the first that can go does.
  std::vector<std::uint64_t> to_end() const;

 private:
  using Holders = std::map<std::string, Entries>;
  struct Entry {
    std::uint64_t ticket;
    Holders::iterator holder;
    std::list<Place>::iterator turn;  ///< in all_
  };

  Holders::iterator holder_of(const std::string& client) REQUIRES(mutex_);
  void count_again(Holders::iterator holder, std::size_t before) noexcept REQUIRES(mutex_);

  mutable util::Mutex mutex_;
  /// Of at least one; each one's that was quiet for the longest time is first.
  Holders holders_ GUARDED_BY(mutex_);
  std::list<Place> all_ GUARDED_BY(mutex_);  ///< likewise, whoever holds them
  std::set<std::pair<std::size_t, const Entries*>> by_count_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::http
