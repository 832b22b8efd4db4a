#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hostwatch::storage {

/// Whose turn it is to give history where the database holds more than it may. Hosts that are new give first,
/// the heaviest of them first, as long as they together hold more than a tenth of the limit. Then the
/// heaviest of all do, but none that holds less than the average of those that are not new: whoever makes up
/// many small hosts lowers it for nobody. As long as new ones hold more than their tenth the others give only
/// what is above nine tenths: nothing of theirs goes for what new ones send. What a host holds that cannot go
/// counts as its own, new or not, and as nobody else's. Not thread-safe.
class GivingTurns {
 public:
  /// What a host holds.
  struct Weight {
    std::string host;
    std::uint64_t bytes = 0;  ///< of its history, as they are stored: they take more of the file
    std::uint64_t loose = 0;  ///< of them: in its tail, where they take more room than they need
    bool is_new = false;
    std::uint64_t lasting = 0;  ///< of the file: names and the like, which do not go with history
  };

  void clear() { *this = {}; }
  void add(Weight weight);
  /// All have been added. `limit`: what all may hold; `used`: what the file holds, which is more than the
  /// weights tell: what is not lasting is shared out by the bytes of history. `unowned`: what of it is
  /// lasting and may be of new hosts: it is counted as theirs, so that no other gives for it. Bytes.
  void begin(std::uint64_t limit, std::uint64_t used, std::uint64_t unowned = 0);

  /// Whose turn it is; null: nobody's. Good until one of the other functions is called.
  const Weight* next();
  /// What the one whose turn it is gives at once, where so much is still wanted of all.
  std::uint64_t share_of(std::uint64_t wanted) const;
  /// The one whose turn it is gave so much.
  void gave(std::uint64_t bytes);
  /// It has nothing that may go, or gives no more this time.
  void drop();

 private:
  using Heap = std::vector<Weight>;  ///< the heaviest first
  bool are_new_first() const;
  bool is_lighter(const Weight& a, const Weight& b) const;
  std::uint64_t in_all(const Weight& host) const { return in_file(host.bytes) + host.lasting; }
  auto by_weight() const {
    return [this](const Weight& a, const Weight& b) { return is_lighter(a, b); };
  }
  std::uint64_t in_file(std::uint64_t weight) const;

  Heap new_;
  Heap others_;
  Heap* turn_ = nullptr;         ///< whose first it is
  std::uint64_t new_bytes_ = 0;  ///< of history: of all that were added, less what they gave
  std::uint64_t other_bytes_ = 0;
  std::uint64_t new_lasting_ = 0;
  std::uint64_t other_lasting_ = 0;
  std::uint64_t average_ = 0;  ///< of the history of those that are not new, in the file
  std::uint64_t limit_ = 0;
  double scale_ = 1;  ///< bytes of the file for one of history
};

}  // namespace hostwatch::storage
