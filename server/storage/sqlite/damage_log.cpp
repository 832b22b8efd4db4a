#include "server/storage/sqlite/damage_log.h"

#include <spdlog/spdlog.h>

#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {

bool DamageLog::note(Level level, std::int64_t id) {
  constexpr std::size_t kMostRemembered = 10000;
  const util::MutexLock lock(mutex_);
  if (noted_.size() >= kMostRemembered || !noted_.emplace(level, id).second) return false;
  ++count_;
  return true;
}

void DamageLog::report(Level level, std::int64_t id, const std::string& what) {
  if (!note(level, id)) return;
  spdlog::error(
      "{}: {} of host number {} from {} on is left out of what is shown; `hostwatch-server check` tells more",
      what, table_of(level), host_of_row(id), low_of_row(id));
}

}  // namespace hostwatch::storage::sqlite
