#pragma once

#include <string>

#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/upkeep/upkeep_clock.h"

namespace hostwatch::storage::sqlite {

/// The upkeep of hosts whose rows cannot be worked on: it is tried again ever more rarely, so that no other
/// host waits for it. For the writing thread.
class HostBackoff {
 public:
  HostBackoff(HostTable& hosts, const UpkeepClock& clock) : hosts_(hosts), clock_(clock) {}

  bool is_put_off(const Host& host) const { return clock_.steady() < host.put_off_until; }

  /// For what its rows are nothing of the host can be compacted, or deleted for its age. `why` is logged.
  void put_off(Host& host, const std::string& why);

  /// A piece of its upkeep went well.
  void end(Host& host);

 private:
  HostTable& hosts_;
  const UpkeepClock& clock_;
};

}  // namespace hostwatch::storage::sqlite
