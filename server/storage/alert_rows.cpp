#include "server/storage/alert_rows.h"

namespace hostwatch::storage {

bool AlertChanges::empty() const {
  return rules.empty() && removed_rules.empty() && alarms.empty() && states.empty() &&
         removed_states.empty() && events.empty() && told.empty() && deliveries.empty() && silences.empty() &&
         removed_silences.empty() && !routes && forget_alarms_before == 0 && forget_deliveries_before == 0;
}

}  // namespace hostwatch::storage
