#pragma once

#include "server/alerts/rules/rule.h"
#include "server/delivery/message.h"

namespace hostwatch::alerts {

/// Completes a notice by what its rule and the catalogue say: unit, help with its placeholders replaced.
void describe_notice(const Rule& rule, delivery::AlarmNotice& notice);

}  // namespace hostwatch::alerts
