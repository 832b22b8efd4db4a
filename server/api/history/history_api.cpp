#include "server/api/history/history_api.h"

#include <utility>

#include "server/api/answer.h"
#include "server/api/history/data_format.h"
#include "server/api/history/query_parameters.h"
#include "server/http/requests/query_text.h"

namespace hostwatch::api {
namespace {

void write_data(const storage::Store& store, const DataQuery& query, AnswerText& text,
                http::Response& response) {
  if (query.format == DataFormat::csv || query.format == DataFormat::long_csv) {
    response.content_type = "text/csv; charset=utf-8; header=present";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"hostwatch.csv\"");
  }
  if (query.format == DataFormat::long_csv) {
    begin_long_csv(text);
    query::read_hosts(store, query.history, text.budget(),
                      [&](const query::HostHistory& host) { append_long_csv(host, text); });
    return;
  }
  const query::History history = query::read_history(store, query.history, text.budget());
  if (query.format == DataFormat::csv) {
    format_csv(history, text);
  } else if (query.format == DataFormat::columns) {
    format_columns(history, query.history, text);
  } else {
    format_rows(history, query.history, text);
  }
}

}  // namespace

void HistoryApi::add_routes(Router& router) {
  router.add("GET", "/data", Permission::read, [this](const Call& call) { return data(call); });
}

Reply HistoryApi::data(const Call& call) const {
  const std::int64_t now = services_.clock();
  auto parsed = parse_data_query(http::query_parameters(call.request.target), now,
                                 services_.store.earliest_history(now));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return refuse(400, *wrong);
  return write_later(
      services_.workers.queries, call, services_.limits,
      [this, query = std::get<DataQuery>(std::move(parsed))](AnswerText& text, http::Response& response) {
        write_data(services_.store, query, text, response);
      });
}

}  // namespace hostwatch::api
