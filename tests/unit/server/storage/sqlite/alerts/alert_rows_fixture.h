#pragma once

#include <cstdint>
#include <string>

#include "server/storage/alert_store.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {

/// Rows as the tests speak of them.
inline AlarmRow open_alarm(std::int64_t id, const std::string& host, std::int64_t fired) {
  AlarmRow alarm;
  alarm.id = id;
  alarm.rule = "cpu-high";
  alarm.host = host;
  alarm.severity = alarm.highest = "warning";
  alarm.started = fired - 120;
  alarm.fired = fired;
  return alarm;
}
inline AlarmRow ended_alarm(std::int64_t id, const std::string& host, std::int64_t fired,
                            std::int64_t ended) {
  AlarmRow alarm = open_alarm(id, host, fired);
  alarm.ended = ended;
  alarm.end_reason = "cleared";
  return alarm;
}
inline AlarmStateRow firing(const AlarmRow& alarm) {
  AlarmStateRow state;
  state.rule = alarm.rule;
  state.host = alarm.host;
  state.instance = alarm.instance;
  state.state = "firing";
  state.severity = alarm.severity;
  state.since = alarm.started;
  state.alarm = alarm.id;
  return state;
}
inline DeliveryRow delivery(const std::string& id, const std::string& state, std::int64_t created,
                            const std::string& channel = "mail") {
  return {id, channel, R"({"told":1})", created, created + 5, 0, state, 0, ""};
}

}  // namespace hostwatch::storage
