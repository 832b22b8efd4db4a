#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "server/api/hosts/host_json.h"
#include "server/http/requests/request.h"
#include "server/query/fleet.h"
#include "server/query/history.h"

namespace hostwatch::api {

enum class DataFormat { rows, columns, csv, long_csv };

/// What a GET /data asks for.
struct DataQuery {
  query::HistoryRequest history;
  DataFormat format = DataFormat::rows;
};

/// Reads the parameters of GET /data: `hostname` (any number of times), `tag` (KEY=VALUE, any number of
/// times), `timeframe` or `from` and `to` (Unix seconds), `step` (seconds, 0 = raw readings), `points` (1 to
/// 5000), `metrics` (names with commas, or *), `format` (rows, columns, csv), `layout` of CSV (wide, long).
/// Unknown parameters are passed over. Returns the query, or what is wrong and what is right. `earliest`: no
/// reading is older. Pure.
std::variant<DataQuery, std::string> parse_data_query(const http::Params& parameters, std::int64_t now,
                                                      std::int64_t earliest);

/// Reads the parameters of GET /fleet: `metric`, `instance`, `combine` (sum, highest), `top` (0 to 50), `by`
/// (average, maximum), and `hostname`, `tag`, `timeframe`, `from`, `to`, `step` and `points` as above.
/// Unknown parameters are passed over. Returns the request, or what is wrong and what is right. Pure.
std::variant<query::FleetRequest, std::string> parse_fleet_query(const http::Params& parameters,
                                                                 std::int64_t now, std::int64_t earliest);

/// Reads the parameters of GET /hosts: `metrics` and `facts` (names with commas, or *: all, which is what is
/// told without them), `whole` (a host's name, up to 100 times), `since` (any text). Unknown parameters are
/// passed over. Returns the query, or what is wrong and what is right. Pure.
std::variant<HostsQuery, std::string> parse_hosts_query(const http::Params& parameters);

}  // namespace hostwatch::api
