#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace hostwatch::http {

/// Memory of requests that have not come to their end, over all connections. Those of strangers, of whom
/// nobody knows yet whether they may send anything, have a room of their own, and one address (an IPv6 /64)
/// has a part of that: what they fill is missing to nobody else. Thread-safe.
class RequestMemory {
 public:
  struct Limits {
    /// Of requests that were let in. Beyond it a request that grows past small_bytes is refused, whoever
    /// filled it; small ones have another quarter of it to themselves.
    std::size_t bytes = 64UL * 1024 * 1024;
    std::size_t small_bytes = 128UL * 1024;
    std::size_t strangers_bytes = 16UL * 1024 * 1024;
    std::size_t stranger_bytes = 4UL * 1024 * 1024;  ///< of one address
  };

  explicit RequestMemory(Limits limits) : limits_(limits) {}

  using OfAddress = std::pair<const std::string, std::size_t>;  ///< a stranger's, and the bytes

  /// What one connection holds.
  struct Share {
    std::size_t bytes = 0;
    bool is_strangers = false;
    OfAddress* stranger = nullptr;  ///< where a stranger's bytes are counted
  };

  /// The connection from `address` holds so many bytes from now on. False if that is more than there is room
  /// for; it is counted all the same, until it is given back.
  bool hold(Share& share, const std::string& address, bool is_stranger, std::size_t bytes);

  /// It holds nothing any more. Needs no memory.
  void give_back(Share& share) noexcept;

  /// Bytes of all.
  std::size_t bytes() const { return admitted_ + strangers_; }

 private:
  bool hold_admitted(Share& share, std::size_t bytes);
  bool hold_strangers(Share& share, const std::string& address, std::size_t bytes);
  void forget(Share& share) noexcept;

  const Limits limits_;
  std::atomic<std::size_t> admitted_{0};
  std::atomic<std::size_t> strangers_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> by_address_;  ///< of strangers
};

}  // namespace hostwatch::http
