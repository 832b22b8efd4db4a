#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

namespace hostwatch::agent {

/// A set of sequence numbers as intervals: small however many numbers are in it, as they come in rows. Not
/// thread-safe.
class SequenceSet {
 public:
  /// Adds `first` to `last`, both inclusive.
  void add(std::uint64_t first, std::uint64_t last) {
    if (first > last) return;
    auto at = intervals_.upper_bound(first);
    if (at != intervals_.begin() && std::prev(at)->second + 1 >= first) --at;
    while (at != intervals_.end() && at->first <= last + 1) {
      first = std::min(first, at->first);
      last = std::max(last, at->second);
      at = intervals_.erase(at);
    }
    intervals_.emplace(first, last);
  }

  /// The smallest number from `from` on that is not in the set.
  std::uint64_t first_missing(std::uint64_t from) const {
    const auto after = intervals_.upper_bound(from);
    if (after == intervals_.begin()) return from;
    const auto& [first, last] = *std::prev(after);
    return from <= last ? last + 1 : from;
  }

  /// The smallest number from `from` on that is in the set; the greatest of all if there is none.
  std::uint64_t first_present(std::uint64_t from) const {
    const auto after = intervals_.upper_bound(from);
    if (after != intervals_.begin() && std::prev(after)->second >= from) return from;
    return after == intervals_.end() ? UINT64_MAX : after->first;
  }

  /// Forgets all numbers below `bound`: nobody will ask for them again.
  void forget_below(std::uint64_t bound) {
    while (!intervals_.empty() && intervals_.begin()->second < bound) intervals_.erase(intervals_.begin());
  }

  std::size_t intervals() const { return intervals_.size(); }

 private:
  std::map<std::uint64_t, std::uint64_t> intervals_;  ///< first to last; neither overlap nor touch
};

}  // namespace hostwatch::agent
