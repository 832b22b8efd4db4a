#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/upkeep/upkeep_clock.h"
#include "server/storage/sqlite/writer.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

/// Where history begins: of a host that has lost some (KeptFrom, the table `kept_from`), of all, and by age.
/// For the writing thread, but for what says otherwise.
class Borders {
 public:
  Borders(Writer& writer, HostTable& hosts, const UpkeepClock& clock, const storage::Retention& retention)
      : writer_(writer), hosts_(hosts), clock_(clock), retention_(retention) {}

  /// See Store; any thread.
  std::int64_t earliest_kept(std::int64_t now) const;
  std::int64_t earliest_history(std::int64_t now) const;

  /// What of the host is older than this is due to be deleted now: by age, or since it was given.
  KeptFrom due_before(const Host& host) const;

  /// Writes where the host's history begins, within the caller's transaction; HostTable::set_kept_from() is
  /// for after it.
  void write(const Host& host, const KeptFrom& from);

  /// Reads the table back; HostTable's mutex is held.
  void load();
  /// What of all hosts was deleted to save space by earlier versions.
  void set_earliest(std::int64_t reading, std::int64_t minute, std::int64_t hour);

  /// Where history was given by a clock that was ahead, all that comes would be refused until then: some time
  /// after the clock has gone back such borders are put right.
  void mend_when_due(bool has_gone_back);

 private:
  void mend();

  Writer& writer_;
  HostTable& hosts_;
  const UpkeepClock& clock_;
  const storage::Retention& retention_;
  std::atomic<std::int64_t> earliest_reading_{0};  ///< older ones were deleted to save space, of all hosts
  std::atomic<std::int64_t> earliest_minute_{0};
  std::atomic<std::int64_t> earliest_hour_{0};
  /// When borders that are later than now are looked for, by the steady clock; nothing: there are none.
  std::optional<std::int64_t> look_at_;
};

}  // namespace hostwatch::storage::sqlite
