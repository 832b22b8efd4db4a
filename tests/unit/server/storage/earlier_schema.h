#pragma once

#include <string>

namespace hostwatch::storage {

/// Takes away what version 5 of the schema brought.
inline const std::string kWithoutAlarms =
    "DROP TABLE alert_rule; DROP TABLE alarm_state; DROP TABLE alarm; DROP TABLE alarm_event;"
    "DROP TABLE alarm_told; DROP TABLE alarm_delivery; DROP TABLE alert_delivery; DROP TABLE alert_silence;"
    "DROP TABLE alert_route;";

}  // namespace hostwatch::storage
