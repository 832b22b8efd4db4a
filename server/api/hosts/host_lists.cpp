#include "server/api/hosts/host_lists.h"

#include <algorithm>
#include <random>

namespace hostwatch::api {

namespace {

/// Told apart from those of before a restart by chance alone.
std::uint64_t random_id() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) ^ source();
}

}  // namespace

void HostLists::with(const std::string& question, const std::function<void(ToldHosts&)>& use) {
  // For as long as the answer is written: those answers are written by one thread anyway (WorkPools).
  const util::MutexLock lock(mutex_);
  const auto found =
      std::find_if(lists_.begin(), lists_.end(), [&](const List& list) { return list.question == question; });
  if (found == lists_.end()) {
    lists_.push_front({question, ToldHosts(random_id())});
  } else {
    lists_.splice(lists_.begin(), lists_, found);
  }
  forget_some();
  use(lists_.front().told);
}

void HostLists::forget_some() {
  std::size_t lists = 1;
  std::size_t hosts = 0;
  for (auto list = std::next(lists_.begin()); list != lists_.end(); ++list) {
    ++lists;
    hosts += list->told.size();
    if (lists <= kMostLists && hosts <= kMostHosts) continue;
    lists_.erase(list, lists_.end());
    return;
  }
}

}  // namespace hostwatch::api
