#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "protocol/tag.h"
#include "server/http/requests/request.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::api {

/// What a GET /alerts asks for; what is empty asks for nothing.
struct AlarmsQuery {
  bool open = true;
  bool ended = true;
  std::set<std::string> hosts;
  std::vector<protocol::Tag> tags;  ///< of each key one of the values
  std::set<std::string> rules;
  std::string severity;   ///< as it is now; of ended ones the highest that they had
  std::int64_t from = 0;  ///< they were open at some time between these
  std::int64_t to = INT64_MAX;
  std::size_t limit = 200;

  static constexpr std::size_t kMostAlarms = 1000;
};

/// Reads the parameters of GET /alerts: `state` (open, ended, all), `host`, `tag` (KEY=VALUE) and `rule` (any
/// number of times), `severity`, `from`, `to` (Unix seconds), `limit` (1 to 1000). Unknown parameters are
/// passed over. Returns the query, or what is wrong and what is right. Pure.
std::variant<AlarmsQuery, std::string> parse_alarms_query(const http::Params& parameters);

/// True if the alarm is asked for. `hosts`: those that it may be of; null: any. Pure.
bool asks_for(const AlarmsQuery& query, const std::set<std::string>* hosts, const storage::AlarmRow& alarm);

/// Those of GET /alerts/deliveries: `channel`, `state` (dead, waiting, sent), `limit` (1 to 1000). As above.
/// Pure.
std::variant<storage::DeliveryQuery, std::string> parse_deliveries_query(const http::Params& parameters);

}  // namespace hostwatch::api
