#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/alerts/engine/alert_snapshot.h"
#include "server/api/metric_families.h"
#include "server/delivery/delivery_service.h"

namespace hostwatch::api {

/// What GET /metrics says of alarms: `hostwatch_alarm` is 1 for each that is open, and
/// `hostwatch_server_alert_…` are the figures of evaluating and telling. `now`: Unix seconds.
void add_alert_families(MetricFamilies& families, const alerts::AlertSnapshot& alarms,
                        const std::map<std::string, delivery::ChannelFigures>& channels, std::int64_t now);

}  // namespace hostwatch::api
