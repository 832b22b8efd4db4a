#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "util/mutex.h"
#include "util/queue_shares.h"

namespace hostwatch::http {

/// Answers that their clients have not taken yet. A large one needs room before it begins, in shares, so that
/// one client's answers keep no other's out and what has begun is sent to its end. Of small ones each is
/// taken; where they are too many some are given up: first those of clients that have not proved who they
/// are, then those of whoever holds the most, and of each first the one of which nothing has been taken for
/// the longest time. Thread-safe.
class UnsentAnswers {
 public:
  /// From so many bytes on an answer is a large one.
  static constexpr std::size_t kLarge = 256UL * 1024;

  /// `limit`: bytes of all of them.
  explicit UnsentAnswers(std::size_t limit) : limit_(limit), shares_(limit) {}

  /// Whose answer it is.
  struct Holder {
    std::string client;
    bool is_authenticated = false;
  };

  /// Where an answer stands.
  struct Place {
    bool is_authenticated = false;
    std::uint64_t order = 0;
    friend bool operator==(const Place&, const Place&) = default;
    friend bool operator<(const Place& a, const Place& b) {
      return std::tie(a.is_authenticated, a.order) < std::tie(b.is_authenticated, b.order);
    }
  };

  /// The connection with that ticket has a large answer of so many bytes of memory. Nothing if its client, or
  /// all together, have too much already.
  std::optional<Place> add_large(std::uint64_t ticket, std::size_t bytes, const Holder& holder);

  /// The connection with that ticket has an answer that waits. See beyond_limit().
  Place add(std::uint64_t ticket, std::size_t bytes, const Holder& holder);

  /// Its client took some of it. Returns where it stands now.
  Place renew(const Place& place);

  /// It has been taken, or given up. Needs no memory.
  void remove(const Place& place) noexcept;

  /// Tickets of those that have to end, so that the others keep within the limit; never that at `own`.
  std::vector<std::uint64_t> beyond_limit(const Place& own) const;

  std::size_t bytes() const;

 private:
  struct Entry {
    std::uint64_t ticket;
    std::size_t bytes;
    std::string client;
    std::optional<util::QueueShares::Place> share;  ///< of a large one
  };

  Place insert(std::uint64_t ticket, std::size_t bytes, const Holder& holder,
               const std::optional<util::QueueShares::Place>& share) REQUIRES(mutex_);

  const std::size_t limit_;
  mutable util::Mutex mutex_;
  std::uint64_t next_ GUARDED_BY(mutex_) = 1;
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  std::map<Place, Entry> waiting_ GUARDED_BY(mutex_);
  util::QueueShares shares_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::http
