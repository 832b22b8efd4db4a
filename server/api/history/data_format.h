#pragma once

#include "server/api/answer_text.h"
#include "server/query/history.h"

namespace hostwatch::api {

// Each throws query::HistoryTooLarge and query::AnswerUnwanted as AnswerText::go_on() does.

/// {"count", "step", "from", "to", "data": [{"timestamp", "hostname", "cpu", "ram", "disk"}, …]}, oldest
/// first; metrics beyond those three stand in "metrics", as they came. Values are averages.
void format_rows(const query::History& history, const query::HistoryRequest& request, AnswerText& text);

/// {"count", "step", "from", "to", "hosts": [{"hostname", "timestamps", "series": [{"metric", "instance",
/// "average", "minimum", "maximum"}, …]}, …]}: arrays parallel to `timestamps`, null where a series has no
/// value.
void format_columns(const query::History& history, const query::HistoryRequest& request, AnswerText& text);

/// RFC 4180, a header line first: timestamp, hostname, then a column a series (metric or metric{instance}).
/// Text that a spreadsheet would take for a formula gets an apostrophe in front. Every row has a field for
/// every series of any host: throws HistoryTooLarge, before anything is written, if that is more than the
/// budget's max_values.
void format_csv(const query::History& history, AnswerText& text);

/// The same with a line a value, so that its length goes by the values and not by the columns: timestamp,
/// hostname, metric, instance, value. First the header line, then each host.
void begin_long_csv(AnswerText& text);
void append_long_csv(const query::HostHistory& host, AnswerText& text);

}  // namespace hostwatch::api
