#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "util/mutex.h"

namespace hostwatch::http {

/// Connections whose clients have not proved who they are, by address and in order of opening: so that
/// whoever holds many without a credential has the oldest ended when more come, and nobody else is kept out
/// by them. An IPv6 client has a whole /64 (RFC 6177) and counts as one address. Thread-safe.
class UnauthenticatedConnections {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Limits {
    std::size_t per_address = 256;
    /// A younger one may be about to prove itself: it is not ended, and up to four times as many are taken.
    /// Not where there is no room and more than a quarter of all (and than per_address) are unauthenticated:
    /// else who has proved nothing could take all places from who has.
    std::chrono::milliseconds grace{2000};
  };

  explicit UnauthenticatedConnections(Limits limits) : limits_(limits) {}

  struct Admission {
    bool is_admitted = true;            ///< also if none of these can go
    std::vector<std::uint64_t> to_end;  ///< tickets, oldest first: the first that can go makes room for it
  };
  /// Connections of all, authenticated or not.
  struct Room {
    std::size_t open = 0;
    std::size_t most = 0;
  };
  /// A connection from `address` wants to come in. Where there is no room for any another has to go, whatever
  /// its address.
  Admission ask(const std::string& address, Room room, Time now) const;

  /// It came in. Returns its number.
  std::uint64_t add(const std::string& address, std::uint64_t ticket, Time now);

  /// It has proved itself, or is gone. Needs no memory.
  void remove(std::uint64_t number) noexcept;

  std::size_t count(const std::string& address) const;

  /// What addresses of one client have in common: of an IPv6 address the first 64 bits.
  static std::string key_of(const std::string& address);

 private:
  struct Client;
  struct Entry {
    std::uint64_t ticket;
    Time opened;
    Client* client;
  };
  using ByNumber = std::map<std::uint64_t, Entry>;  // in order of opening
  struct Client {
    const std::string* key = nullptr;  ///< its own, in by_address_
    ByNumber connections;
  };

  static std::vector<std::uint64_t> oldest_of(const ByNumber& some, Time opened_before);

  const Limits limits_;
  mutable util::Mutex mutex_;
  std::uint64_t next_ GUARDED_BY(mutex_) = 1;
  std::unordered_map<std::string, Client> by_address_ GUARDED_BY(mutex_);
  ByNumber all_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::http
