#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>

#include "server/api/hosts/told_hosts.h"
#include "util/mutex.h"

namespace hostwatch::api {

/// What was told of hosts, by what was asked for of each: all who look at the same page share one list.
/// Thread-safe: one answer at a time. Bounded: the lists that were not used for longest go first, and whoever
/// asks with a token of one gets everything anew.
class HostLists {
 public:
  static constexpr std::size_t kMostLists = 8;
  /// Over all lists but the one in use, hosts; about 100 bytes each and its name.
  static constexpr std::size_t kMostHosts = 200'000;

  /// Calls `use` with the list for `question`, which nobody else has meanwhile.
  void with(const std::string& question, const std::function<void(ToldHosts&)>& use);

 private:
  struct List {
    std::string question;
    ToldHosts told;
  };

  void forget_some() REQUIRES(mutex_);

  util::Mutex mutex_;
  std::list<List> lists_ GUARDED_BY(mutex_);  ///< the one used last in front
};

}  // namespace hostwatch::api
