#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

#include "util/mutex.h"

namespace hostwatch::http {

/// Memory of requests that have not come to their end, over all connections. Those of strangers, of whom
/// nobody knows yet whether they may send anything, have a room of their own. In both rooms a holder's part
/// is bounded by what it leaves free (dynamic thresholds, as in ingest::QueueShares), so that whoever fills
/// one, some of it stays free for what is small: a client, and of strangers each network, an address (an IPv6
/// /64), a site (a /48) and a provider (a /32). Thread-safe.
class RequestMemory {
 public:
  struct Limits {
    /// Of requests that were admitted, and of one client three times what is left of it. A request that has
    /// not grown past small_bytes has another quarter.
    std::size_t bytes = 64UL * 1024 * 1024;
    std::size_t small_bytes = 128UL * 1024;
    /// Of strangers, and of one network as much as is left of it.
    std::size_t strangers_bytes = 16UL * 1024 * 1024;
    std::size_t stranger_bytes = 4UL * 1024 * 1024;  ///< of one address
  };

  explicit RequestMemory(Limits limits) : limits_(limits) {}

  using OfHolder = std::pair<const std::string, std::size_t>;  ///< and the bytes

  /// Whose connection holds them.
  struct Holder {
    const std::string& address;
    bool is_stranger = true;
    std::string client;  ///< of one that was admitted: any text that tells it from others
  };

  /// What one connection holds.
  struct Share {
    std::size_t bytes = 0;
    bool is_strangers = false;
    std::array<OfHolder*, 3> counted{};  ///< where they are counted; null: nowhere, or where one before is
  };

  /// The connection holds so many bytes from now on. False if that is more than there is room for; it is
  /// counted all the same, until it is given back. Counted is whose they were at first, until then.
  bool hold(Share& share, const Holder& holder, std::size_t bytes);

  /// It holds nothing any more. Needs no memory.
  void give_back(Share& share) noexcept;

  /// Bytes of all.
  std::size_t bytes() const {
    const util::MutexLock lock(mutex_);
    return admitted_ + strangers_;
  }

 private:
  void begin(Share& share, const Holder& holder) REQUIRES(mutex_);
  bool fits(const Share& share) const REQUIRES(mutex_);
  void drop(Share& share) noexcept REQUIRES(mutex_);

  const Limits limits_;
  mutable util::Mutex mutex_;
  std::size_t admitted_ GUARDED_BY(mutex_) = 0;
  std::size_t strangers_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, std::size_t> by_holder_ GUARDED_BY(mutex_);  ///< clients and networks
};

}  // namespace hostwatch::http
