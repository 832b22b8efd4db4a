#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace hostwatch::util {

/// What of a bounded queue's memory each client takes: so that whoever fills it is turned away first, and
/// nobody is turned away for what others have in it. Three quarters are for everybody, by dynamic thresholds
/// (Choudhury and Hahne, 1998): a client's part is at most kShareOfFree times what it leaves free, so that
/// however many fill it some of it stays free, which takes what is small. The last quarter is for requests
/// of clients that have nothing in the queue. Not thread-safe.
class QueueShares {
 public:
  /// `limit`: bytes of all, but for a single request that is larger than the last quarter, which that takes
  /// if nothing else is there.
  explicit QueueShares(std::size_t limit) : common_(limit / 4 * 3), reserve_(limit - common_) {}

  struct Share {
    std::size_t bytes = 0;
    std::size_t requests = 0;
    // For whoever empties the queue:
    std::size_t taken = 0;        ///< of the readings at hand, those of this client
    std::uint64_t last_turn = 0;  ///< that a request of this client was given
  };
  using Shares = std::map<std::string, Share>;

  /// Of one request.
  struct Place {
    Shares::iterator client;
    std::size_t bytes = 0;
    bool is_reserve = false;  ///< in the last quarter
    Share& share() const { return client->second; }
  };

  /// Whether the client's next request, whose bytes are not known, should be turned away before anything is
  /// spent on it: once its part is twice what is left to everybody; of a client without a part, where nothing
  /// at all is left.
  bool is_full_for(const std::string& client) const;

  /// Whether so many more bytes of the client fit.
  bool has_room_for(const std::string& client, std::size_t bytes) const;

  /// A request of the client is in the queue, whether there is room or not. Changes nothing where memory is
  /// wanting.
  Place add(const std::string& client, std::size_t bytes);

  /// It is not any more: once for each add(). Needs no memory.
  void remove(const Place& place) noexcept;

 private:
  static constexpr std::size_t kShareOfFree = 3;
  static constexpr std::size_t kFullShareOfFree = 2;  ///< less: what passes has some room to be large

  std::size_t bytes_of(const std::string& client) const;
  bool fits_common(std::size_t before, std::size_t bytes) const;

  const std::size_t common_;
  const std::size_t reserve_;
  std::size_t in_common_ = 0;
  std::size_t in_reserve_ = 0;
  Shares shares_;
};

}  // namespace hostwatch::util
