#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace hostwatch::http {

/// Answers that wait for their clients to take them, in the order in which they would be given up: those of
/// clients that have not proved who they are before all others, and of each kind first those of which
/// nothing has been taken for the longest time. So a slow client gets its large answer, and those that take
/// nothing make room for everybody else. Thread-safe.
class UnsentAnswers {
 public:
  /// `limit`: bytes of all of them.
  explicit UnsentAnswers(std::size_t limit) : limit_(limit) {}

  /// Where an answer stands.
  struct Place {
    bool is_proven = false;
    std::uint64_t order = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  /// The connection with that ticket has an answer that waits, of so many bytes of memory.
  Place add(std::uint64_t ticket, std::size_t bytes, bool is_proven);

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
  };

  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::uint64_t next_ = 1;
  std::size_t bytes_ = 0;
  std::map<Place, Entry> waiting_;
};

}  // namespace hostwatch::http
