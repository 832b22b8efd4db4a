#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "server/delivery/message.h"

namespace hostwatch::delivery {

/// What one Alertmanager was told is open. It knows alerts by their labels: where the severity or the tags of
/// an alarm change, that is another alert, and the one before would stay active until its end by itself. So
/// that one is told to be over. In memory alone: after a restart of the server what was before ends by
/// itself. Not thread-safe.
class PostedAlerts {
 public:
  /// For so long it is told, if a post should fail.
  static constexpr std::int64_t kTold = 900;

  /// All that is to be posted: `alarms`, and as ended what they replace. `now`: Unix seconds.
  std::vector<AlarmNotice> complete(std::vector<AlarmNotice> alarms, std::int64_t now);

 private:
  void replace(AlarmNotice before, std::int64_t now);

  std::map<std::int64_t, AlarmNotice> open_;  ///< as posted last, by alarm
  std::vector<AlarmNotice> replaced_;         ///< ended when that was found
};

}  // namespace hostwatch::delivery
