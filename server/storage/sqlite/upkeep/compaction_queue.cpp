#include "server/storage/sqlite/upkeep/compaction_queue.h"

#include <algorithm>

namespace hostwatch::storage::sqlite {

void CompactionQueue::want(Host& host) {
  if (host.uncompacted < options_.compact_after_readings || host.awaits_compaction) return;
  if (backoff_.is_put_off(host)) return;
  const std::int64_t enough = std::min(host.chunk_rows / 2, options_.most_uncompacted);
  if (host.uncompacted >= enough) {
    add(host);
  } else if (!host.may_be_compacted) {
    when_idle_.push_back(host.name);
    host.may_be_compacted = true;
  }
}

void CompactionQueue::add(Host& host) {
  waiting_.push_back(host.name);
  host.awaits_compaction = true;
}

Host* CompactionQueue::first() {
  while (!waiting_.empty()) {
    Host* const found = hosts_.find(waiting_.front());
    if (found != nullptr && found->uncompacted != 0) return found;
    if (found != nullptr) found->awaits_compaction = false;
    waiting_.pop_front();
  }
  return nullptr;
}

void CompactionQueue::pop(Host& host) {
  waiting_.pop_front();
  host.awaits_compaction = false;
}

bool CompactionQueue::add_one_when_idle() {
  while (!when_idle_.empty()) {
    Host* const found = hosts_.find(when_idle_.front());
    when_idle_.pop_front();
    if (found == nullptr) continue;
    Host& host = *found;
    host.may_be_compacted = false;
    if (host.uncompacted < options_.compact_after_readings || host.awaits_compaction) continue;
    if (backoff_.is_put_off(host)) continue;
    add(host);
    return true;
  }
  return false;
}

void CompactionQueue::clear() {
  waiting_.clear();
  when_idle_.clear();
}

}  // namespace hostwatch::storage::sqlite
