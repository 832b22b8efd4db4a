#include "server/storage/sqlite/upkeep/host_backoff.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kPutOffAtFirst = 60;  ///< seconds
constexpr std::int64_t kPutOffAtMost = 3600;

}  // namespace

void HostBackoff::put_off(Host& host, const std::string& why) {
  const bool is_first = host.put_off_for == 0;
  {
    const util::ExclusiveLock lock(hosts_.mutex());
    host.put_off_for = is_first ? kPutOffAtFirst : std::min(host.put_off_for * 2, kPutOffAtMost);
  }
  host.put_off_until = clock_.steady() + host.put_off_for;
  if (!is_first) return;
  spdlog::error(
      "the rows of host '{}' (number {}) cannot be worked on: {}. Its readings are taken and shown, but take "
      "more room than they need; other hosts do not wait for it. `hostwatch-server check` names what is "
      "damaged: restore a backup, or delete the host's history",
      host.name, host.id, why);
}

void HostBackoff::end(Host& host) {
  if (host.put_off_for == 0) return;
  {
    const util::ExclusiveLock lock(hosts_.mutex());
    host.put_off_for = host.put_off_until = 0;
  }
  spdlog::info("the rows of host '{}' can be worked on again", host.name);
}

}  // namespace hostwatch::storage::sqlite
