#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace hostwatch::ingest {

/// What of a bounded queue's memory each client takes: so that whoever fills it is turned away first. Not
/// thread-safe.
class QueueShares {
 public:
  /// `limit`: bytes of all. One client counts as three quarters of it at most, so that a single request,
  /// which may be larger than all of it, takes nobody's room but its sender's.
  explicit QueueShares(std::size_t limit) : limit_(limit), most_of_one_(limit / 4 * 3) {}

  struct Share {
    std::size_t bytes = 0;
    std::size_t requests = 0;
    std::size_t taken = 0;  ///< for whoever empties the queue: of the readings at hand, those of this client
  };
  using Shares = std::map<std::string, Share>;
  using Place = Shares::iterator;

  /// Whether the client's next request should be turned away before anything is spent on it: from three
  /// quarters on, if a sixteenth or more is its own; where all is taken, whoever it is.
  bool is_full_for(const std::string& client) const;

  /// Whether so many more bytes of the client fit.
  bool has_room_for(const std::string& client, std::size_t bytes) const;

  /// A request of the client is in the queue. Changes nothing where memory is wanting.
  Place add(const std::string& client, std::size_t bytes);

  /// It is not any more: once for each add(). Needs no memory.
  void remove(Place place, std::size_t bytes) noexcept;

 private:
  std::size_t bytes_of(const std::string& client) const;
  std::size_t counted(std::size_t bytes) const { return bytes < most_of_one_ ? bytes : most_of_one_; }

  const std::size_t limit_;
  const std::size_t most_of_one_;
  std::size_t counted_ = 0;  ///< of all
  Shares shares_;
};

}  // namespace hostwatch::ingest
