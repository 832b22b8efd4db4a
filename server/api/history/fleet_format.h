#pragma once

#include "server/api/answer_text.h"
#include "server/query/fleet.h"

namespace hostwatch::api {

/// GET /fleet: {"metric", "combine", "step", "from", "to", "hosts", "timestamps", "count", "minimum",
/// "median", "p95", "maximum", "top": [{"hostname", "average", "maximum"}, …]}: the arrays are parallel to
/// `timestamps`. Throws query::HistoryTooLarge and query::AnswerUnwanted as AnswerText::go_on() does.
void format_fleet(const query::Fleet& fleet, const query::FleetRequest& request, AnswerText& text);

}  // namespace hostwatch::api
