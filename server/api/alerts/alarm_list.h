#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/alerts/engine/alert_snapshot.h"
#include "server/api/alerts/alarms_query.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// The alarms that were asked for: open ones first, critical first, then the newest.
struct AlarmList {
  std::vector<const alerts::OpenAlarm*> open;  ///< of the snapshot
  std::vector<storage::AlarmRow> ended;
  std::map<std::int64_t, std::vector<std::string>> told;  ///< channels that were told of ended ones
  bool has_more = false;                                  ///< there are more than the limit

  const std::vector<std::string>& told_of(std::int64_t alarm) const;
};

/// Throws StoreError. The snapshot must outlive the list.
AlarmList find_alarms(const storage::Store& store, const alerts::AlertSnapshot& snapshot,
                      const AlarmsQuery& query);

}  // namespace hostwatch::api
