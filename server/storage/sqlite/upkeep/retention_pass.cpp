#include "server/storage/sqlite/upkeep/retention_pass.h"

#include <algorithm>

#include "server/storage/sqlite/database/sqlite_errors.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::int64_t kPassEverySeconds = 300;
constexpr std::size_t kHostsAtOnce = 50;  ///< in one slice
constexpr std::size_t kChunksAtOnce = 4;  ///< of a level of a host, likewise

}  // namespace

bool RetentionPass::run(std::int64_t now) {
  if (!to_come_.empty()) {
    expire_some(now);
  } else if (!begin(now)) {
    return false;
  }
  if (to_come_.empty()) end();
  return !to_come_.empty();
}

bool RetentionPass::begin(std::int64_t now) {
  const bool is_due = now - last_began_ >= kPassEverySeconds || now < last_began_;
  if (!is_due && !size_limit_.is_exceeded(now)) return false;
  std::vector<std::string> all;
  all.reserve(hosts_.all().size());
  for (const auto& [name, host] : hosts_.all()) all.push_back(name);
  last_began_ = now;
  file_size_.try_vacuum_again();
  to_come_ = std::move(all);
  figures_.begin_pass();
  has_deleted_ = false;
  size_limit_.begin_pass(now);
  return true;
}

void RetentionPass::end() {
  size_limit_.end_pass();
  figures_.end_pass();
}

/// One transaction of it. Where a host's rows cannot be worked on, the others' turn comes without it.
void RetentionPass::expire_some(std::int64_t now) {
  std::vector<std::pair<Host*, KeptFrom>> lost;
  std::vector<GivingTurns::Weight> weights;
  std::size_t done = 0;  // of the last ones
  Host* failed = nullptr;
  try {
    writer_.in_transaction(Writer::Sync::later, [&] {
      for (std::size_t i = 0; i < kHostsAtOnce && done < to_come_.size(); ++i) {
        Host* const found = hosts_.find(to_come_[to_come_.size() - 1 - done]);
        if (found != nullptr) {
          Host& host = *found;
          failed = &host;
          const bool is_done = expire_host(host, lost);
          compaction_.compact_old_tail(host, now);
          compaction_.try_again(host);
          if (!is_done) return;
          if (size_limit_.weighs_hosts()) weights.push_back(size_limit_.weigh(host, now));
        }
        ++done;
      }
    });
  } catch (const DiskError&) {
    throw;
  } catch (const StoreError& error) {
    // Nothing was done: the others are still to come.
    if (failed == nullptr) throw;
    backoff_.put_off(*failed, error.what());
    std::erase(to_come_, failed->name);
    return;
  }
  to_come_.resize(to_come_.size() - done);
  {
    const util::ExclusiveLock lock(hosts_.mutex());
    for (const auto& [host, from] : lost) hosts_.set_kept_from(*host, from);
  }
  size_limit_.add(std::move(weights));
}

/// Returns whether the host is done with. Readings go first, and not before what the tail and memory have of
/// their time is with them in their chunk: minutes and hours stand for all of them then. What finer levels
/// still have is not taken from the coarser ones. `lost`: hosts whose history begins elsewhere now.
bool RetentionPass::expire_host(Host& host, std::vector<std::pair<Host*, KeptFrom>>& lost) {
  ChunkTables& tables = writer_.compactor().tables();
  const KeptFrom& given = host.kept_from;
  KeptFrom from = given;
  std::size_t deleted = 0;
  const auto is_due = [&](Level level, std::int64_t before, std::int64_t cut) {
    const auto first = tables.first_after(level, host.id, 0);
    return first && (first->end <= before || first->begin < cut);
  };
  const auto expire = [&](Level level, std::int64_t before, std::int64_t cut, std::int64_t needed) {
    const auto gone = writer_.compactor().expire(level, host.id, std::min(before, needed),
                                                 std::min(cut, needed), kChunksAtOnce, given.minute);
    deleted += gone.chunks;
    if (gone.chunks != 0) from.reading = std::max(from.reading, gone.end);
  };
  const auto hour_of_first = [&](Level level) {
    const std::int64_t first = std::min(tables.first_row(level, host.id), oldest_loose(host));
    return first == INT64_MAX ? first : first - first % kHour;
  };
  bool waits = false;
  const KeptFrom due = borders_.due_before(host);
  if (is_due(Level::raw, due.reading, given.reading)) {
    const std::int64_t loose = oldest_loose(host);
    waits = loose < due.reading && compaction_.compact_before(host, due.reading);
    expire(Level::raw, due.reading, given.reading, loose);
  }
  if (is_due(Level::minute, due.minute, given.minute)) {
    expire(Level::minute, due.minute, given.minute, hour_of_first(Level::raw));
  }
  if (is_due(Level::hour, due.hour, given.hour)) {
    expire(Level::hour, due.hour, given.hour,
           std::min(hour_of_first(Level::raw), hour_of_first(Level::minute)));
  }
  if (deleted != 0) writer_.filed_readings().forget(host.id);
  has_deleted_ = has_deleted_ || deleted != 0;
  if (from.reading != given.reading) {
    borders_.write(host, from);
    lost.emplace_back(&host, from);
  }
  if (deleted != 0 || waits) return false;
  note_reach(host);
  return true;
}

/// The oldest reading that is in no chunk; INT64_MAX: all are.
std::int64_t RetentionPass::oldest_loose(Host& host) {
  std::int64_t oldest = host.pending.empty() ? INT64_MAX : host.pending.begin()->first;
  if (host.uncompacted == 0) return oldest;
  for (const TailRow& row : bookkeeping_.tail_of(host)) oldest = std::min(oldest, row.first);
  return oldest;
}

/// Where the host's history begins. Its first chunk may begin long before its first reading; it is looked
/// into only where that matters.
void RetentionPass::note_reach(Host& host) {
  ChunkTables& tables = writer_.compactor().tables();
  const auto note = [&](Level level, std::int64_t step, std::int64_t kept_from) {
    const std::int64_t begin = tables.begin(level, host.id);
    if (begin == INT64_MAX) return;
    const std::int64_t bound = std::max({begin, host.first_seen / step * step, kept_from});
    if (bound >= figures_.found(level)) return;
    figures_.note(level, std::max(bound, tables.first_row(level, host.id)));
  };
  note(Level::raw, 1, host.kept_from.reading);
  note(Level::minute, kMinute, host.kept_from.minute);
  note(Level::hour, kHour, host.kept_from.hour);
  if (host.uncompacted == 0) return;
  for (const TailRow& row : bookkeeping_.tail_of(host)) figures_.note(Level::raw, row.first);
}

}  // namespace hostwatch::storage::sqlite
