#pragma once

#include <string>

#include "server/http/query_parameters.h"
#include "server/query/history.h"

namespace hostwatch::http {

/// {"count", "step", "from", "to", "data": [{"timestamp", "hostname", "cpu", "ram", "disk"}, …]}, oldest
/// first; metrics beyond those three stand in "metrics", as they came. Values are averages.
std::string format_rows(const query::History& history, const query::HistoryRequest& request);

/// {"count", "step", "from", "to", "hosts": [{"hostname", "timestamps", "series": [{"metric", "instance",
/// "average", "minimum", "maximum"}, …]}, …]}: arrays parallel to `timestamps`, null where a series has no
/// value.
std::string format_columns(const query::History& history, const query::HistoryRequest& request);

/// RFC 4180, a header line first: timestamp, hostname, then a column a series (metric or metric{instance}).
/// Text that a spreadsheet would take for a formula gets an apostrophe in front.
std::string format_csv(const query::History& history);

}  // namespace hostwatch::http
