#include "server/api/history/data_format.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/catalogue.h"
#include "util/text/json_text.h"

namespace hostwatch::api {
namespace {

using util::append_json_number;
using util::append_json_string;

void append_head(std::string& out, const query::History& history, const query::HistoryRequest& request) {
  out += "{\"count\":" + std::to_string(history.rows()) + ",\"step\":" + std::to_string(history.step) +
         ",\"from\":" + std::to_string(request.from) + ",\"to\":" + std::to_string(request.to);
}

void append_array(AnswerText& text, const char* name, const std::vector<double>& values) {
  std::string& out = text.out();
  out += name;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ',';
    append_json_number(out, values[i]);
  }
  out += ']';
  text.go_on();
}

/// One row of one host, by time; the order in which rows are answered.
struct RowPosition {
  std::int64_t timestamp;
  std::size_t host;
  std::size_t row;
};

std::vector<RowPosition> rows_by_time(const query::History& history) {
  std::vector<RowPosition> rows;
  rows.reserve(history.rows());
  for (std::size_t host = 0; host < history.hosts.size(); ++host) {
    const auto& timestamps = history.hosts[host].timestamps;
    for (std::size_t row = 0; row < timestamps.size(); ++row) rows.push_back({timestamps[row], host, row});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const RowPosition& a, const RowPosition& b) { return a.timestamp < b.timestamp; });
  return rows;
}

bool is_basic(const std::string& metric) {
  return protocol::is_basic_metric(metric);
}

/// "metrics":{"name":1,"name":{"instance":1}}; series of one metric stand side by side.
void append_row_metrics(std::string& out, const query::HostHistory& host, std::size_t row) {
  std::string_view open_metric;
  bool any = false;
  for (auto at = host.series.begin(); at != host.series.end(); ++at) {
    const query::SeriesHistory& series = *at;
    if (is_basic(series.metric) || !std::isfinite(series.average[row])) continue;
    const bool goes_on = series.metric == open_metric;
    if (!goes_on) {
      if (!open_metric.empty()) out += '}';
      open_metric = {};
      out += any ? "," : ",\"metrics\":{";
      append_json_string(out, series.metric);
      out += ':';
      any = true;
    }
    // A metric that changed its form within a step has both: then the bare value is an instance without name.
    bool has_instances = !series.instance.empty();
    for (auto next = at + 1; !has_instances && next != host.series.end() && next->metric == series.metric;
         ++next) {
      has_instances = std::isfinite(next->average[row]);
    }
    if (has_instances) {
      out += goes_on ? "," : "{";
      append_json_string(out, series.instance);
      out += ':';
      open_metric = series.metric;
    }
    append_json_number(out, series.average[row]);
  }
  if (!open_metric.empty()) out += '}';
  if (any) out += '}';
}

/// CSV field (RFC 4180) that no spreadsheet runs: = + - @ tab and carriage return begin formulas there.
void append_csv_text(std::string& out, std::string_view text) {
  const bool is_formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  if (!is_formula && text.find_first_of("\",\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  if (is_formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// A series as CSV has it: one of a metric without instances has that name alone.
using SeriesKey = std::pair<std::string_view, std::string_view>;

/// Which column each series of a host is in, ascending.
using ColumnsOfHost = std::vector<std::pair<std::size_t, const query::SeriesHistory*>>;

struct CsvColumns {
  std::vector<SeriesKey> names;
  std::vector<ColumnsOfHost> of_host;
};

/// One column for each series that any host has, in the order the hosts have them.
CsvColumns csv_columns(const query::History& history, query::AnswerBudget& budget) {
  constexpr std::size_t kNodeBytes = 112;  // of the map
  std::map<SeriesKey, std::size_t> column_of;
  CsvColumns columns;
  columns.of_host.resize(history.hosts.size());
  for (std::size_t i = 0; i < history.hosts.size(); ++i) {
    ColumnsOfHost& own = columns.of_host[i];
    budget.check();
    budget.take_bytes(history.hosts[i].series.size() * sizeof(ColumnsOfHost::value_type));
    own.reserve(history.hosts[i].series.size());
    for (const query::SeriesHistory& series : history.hosts[i].series) {
      const auto [at, added] = column_of.try_emplace({series.metric, series.instance}, columns.names.size());
      if (added) {
        budget.take_bytes(kNodeBytes + sizeof(SeriesKey));
        columns.names.push_back(at->first);
      }
      own.emplace_back(at->second, &series);
    }
    std::sort(own.begin(), own.end());
  }
  const std::size_t rows = history.rows();
  if (rows * columns.names.size() > budget.limits().max_values) {
    throw query::HistoryTooLarge(
        "the CSV would have " + std::to_string(rows) + " rows of " + std::to_string(columns.names.size()) +
        " columns; ask for fewer hosts or metrics, or for layout=long, which has a line a value");
  }
  return columns;
}

}  // namespace

void format_rows(const query::History& history, const query::HistoryRequest& request, AnswerText& text) {
  std::string& out = text.out();
  append_head(out, history, request);
  out += ",\"data\":[";
  // Looked up once a host, not once a row.
  std::vector<std::vector<std::pair<const char*, const query::SeriesHistory*>>> basics;
  for (const query::HostHistory& host : history.hosts) {
    basics.push_back({{",\"cpu\":", host.find("cpu")},
                      {",\"ram\":", host.find("ram")},
                      {",\"disk\":", host.find("disk")}});
  }
  bool first = true;
  for (const RowPosition& position : rows_by_time(history)) {
    const query::HostHistory& host = history.hosts[position.host];
    out += first ? "{\"timestamp\":" : ",{\"timestamp\":";
    first = false;
    out += std::to_string(position.timestamp);
    out += ",\"hostname\":";
    append_json_string(out, host.hostname);
    for (const auto& [label, series] : basics[position.host]) {
      if (series == nullptr) continue;
      out += label;
      append_json_number(out, series->average[position.row]);
    }
    append_row_metrics(out, host, position.row);
    out += '}';
    text.go_on();
  }
  out += "]}";
}

void format_columns(const query::History& history, const query::HistoryRequest& request, AnswerText& text) {
  std::string& out = text.out();
  append_head(out, history, request);
  out += ",\"hosts\":[";
  for (std::size_t i = 0; i < history.hosts.size(); ++i) {
    const query::HostHistory& host = history.hosts[i];
    out += i == 0 ? "{\"hostname\":" : ",{\"hostname\":";
    append_json_string(out, host.hostname);
    out += ",\"timestamps\":[";
    for (std::size_t row = 0; row < host.timestamps.size(); ++row) {
      if (row != 0) out += ',';
      out += std::to_string(host.timestamps[row]);
    }
    out += "],\"series\":[";
    for (std::size_t j = 0; j < host.series.size(); ++j) {
      const query::SeriesHistory& series = host.series[j];
      out += j == 0 ? "{\"metric\":" : ",{\"metric\":";
      append_json_string(out, series.metric);
      out += ",\"instance\":";
      append_json_string(out, series.instance);
      append_array(text, ",\"average\":[", series.average);
      append_array(text, ",\"minimum\":[", series.minima());
      append_array(text, ",\"maximum\":[", series.maxima());
      out += '}';
    }
    out += "]}";
    text.go_on();
  }
  out += "]}";
}

void format_csv(const query::History& history, AnswerText& text) {
  const CsvColumns columns = csv_columns(history, text.budget());
  std::string& out = text.out();
  out += "timestamp,hostname";
  for (const auto& [metric, instance] : columns.names) {
    out += ',';
    std::string name(metric);
    if (!instance.empty()) name.append("{").append(instance).append("}");
    append_csv_text(out, name);
    text.go_on();
  }
  out += "\r\n";
  for (const RowPosition& position : rows_by_time(history)) {
    out += std::to_string(position.timestamp) + ",";
    append_csv_text(out, history.hosts[position.host].hostname);
    std::size_t written = 0;  // columns
    for (const auto& [column, series] : columns.of_host[position.host]) {
      out.append(column + 1 - written, ',');
      written = column + 1;
      const double value = series->average[position.row];
      if (std::isfinite(value)) append_json_number(out, value);
    }
    out.append(columns.names.size() - written, ',');
    out += "\r\n";
    text.go_on();
  }
}

void begin_long_csv(AnswerText& text) {
  text.out() += "timestamp,hostname,metric,instance,value\r\n";
}

void append_long_csv(const query::HostHistory& host, AnswerText& text) {
  std::vector<std::string> names;  // host, metric and instance with the commas around them, by series
  names.reserve(host.series.size());
  for (const query::SeriesHistory& series : host.series) {
    std::string& name = names.emplace_back(",");
    append_csv_text(name, host.hostname);
    name += ',';
    append_csv_text(name, series.metric);
    name += ',';
    append_csv_text(name, series.instance);
    name += ',';
  }
  std::string& out = text.out();
  for (std::size_t row = 0; row < host.timestamps.size(); ++row) {
    const std::string time = std::to_string(host.timestamps[row]);
    for (std::size_t i = 0; i < host.series.size(); ++i) {
      const double value = host.series[i].average[row];
      if (!std::isfinite(value)) continue;
      out += time;
      out += names[i];
      append_json_number(out, value);
      out += "\r\n";
    }
    text.go_on();
  }
}

}  // namespace hostwatch::api
