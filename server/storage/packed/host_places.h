#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "server/storage/store.h"
#include "util/mutex.h"

namespace hostwatch::storage {

/// How many hosts there are, and how many of them are new: known for less than a day.
struct HostCount {
  std::size_t all = 0;
  std::size_t young = 0;
};

/// Whether one more host can be taken. The last tenth of all is for those that are authenticated; of what is
/// left below it, hosts that come by anyone's word get half a day at most: whoever has a token that is for no
/// one host uses up nothing that others need, and a fleet of thousands may start at once. A place that is
/// taken counts until its host has come, or for a minute or two: readings are stored some time after they
/// were admitted. Thread-safe.
class HostPlaces {
 public:
  explicit HostPlaces(std::size_t most) : most_(most) {}

  /// A place for a host that is not known. `count`: of the known. `now`: the server's clock, Unix seconds.
  bool take(std::string_view hostname, HostCount count, HostComes how, std::int64_t now);

  /// The host has come: it is among the known.
  void give_back(const std::string& hostname);

 private:
  void forget_old(std::int64_t now) REQUIRES(mutex_);
  bool has_room(HostCount count, HostComes how) const REQUIRES(mutex_);

  const std::size_t most_;
  util::Mutex mutex_;
  std::unordered_set<std::string> taken_ GUARDED_BY(mutex_);         ///< since `since_`
  std::unordered_set<std::string> taken_before_ GUARDED_BY(mutex_);  ///< in the minute before
  std::int64_t since_ GUARDED_BY(mutex_) = 0;
};

}  // namespace hostwatch::storage
