#include "server/api/hosts/host_json.h"

#include <map>
#include <nlohmann/json.hpp>

#include "protocol/catalogue.h"
#include "server/query/timeframes.h"
#include "util/text/json_text.h"

namespace hostwatch::api {

namespace {

/// Rows of values until all hosts have been visited, those that stand for the same metrics together.
class ValueRows {
 public:
  explicit ValueRows(query::AnswerBudget& budget) : budget_(budget) {}

  void add(const HostEntryWriter::Values& values) {
    std::string& rows = rows_[values.metrics];
    if (!rows.empty()) rows += ',';
    budget_.take_bytes(values.row.size() + 1);
    rows += values.row;
  }

  void append_to(AnswerText& text) {
    const char* separator = "";
    for (auto& [metrics, rows] : rows_) {
      text.out().append(separator).append("{\"metrics\":").append(metrics).append(",\"rows\":[");
      text.out().append(rows).append("]}");
      separator = ",";
      budget_.give_back_bytes(rows.size() + 1);
      rows = std::string();
      text.go_on();
    }
  }

 private:
  query::AnswerBudget& budget_;
  std::map<std::string, std::string> rows_;  ///< by metrics
};

void append_names(std::string& out, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out += ',';
    util::append_json_string(out, names[i]);
  }
}

void append_question(std::string& out, const std::optional<std::vector<std::string>>& names) {
  if (!names) {
    out += '*';
    return;
  }
  for (const std::string& name : *names) out += name + ',';
}

}  // namespace

void format_hosts(const EachHost& each_host, const ingest::AgentsByHost& agents, std::int64_t now,
                  const HostsQuery& query, AnswerText& text, const alerts::SharedSnapshot& alarms) {
  const HostEntryWriter writer(query, agents, now, alarms);
  std::string& out = text.out();
  out += "{\"now\":" + std::to_string(now) + ",\"hosts\":[";
  std::size_t count = 0;
  each_host([&](const storage::HostState& host) {
    if (count++ != 0) out += ',';
    writer.append_entry(out, host);
    text.budget().check();
    text.go_on();
    return true;
  });
  // How many they are is known when they have been told: they are not all held until then.
  out += "],\"count\":" + std::to_string(count) + '}';
}

void format_changed_hosts(const EachHost& each_host, const ingest::AgentsByHost& agents, std::int64_t now,
                          const HostsQuery& query, ToldHosts& told, AnswerText& text,
                          const alerts::SharedSnapshot& alarms) {
  const auto known = told.number_of(query.since.value_or(""));
  const std::uint64_t since = known.value_or(0);
  told.begin();
  const HostEntryWriter writer(query, agents, now, alarms);
  std::string& out = text.out();
  out += "{\"now\":" + std::to_string(now) + ",\"since\":\"" + told.token() +
         "\",\"complete\":" + (known ? "false" : "true") + ",\"hosts\":[";
  std::size_t count = 0;
  const char* separator = "";
  std::string lasting;
  HostEntryWriter::Values values;
  ValueRows rows(text.budget());
  each_host([&](const storage::HostState& host) {
    ++count;
    lasting.clear();
    writer.append_lasting(lasting, host);
    values = {};
    if (host.latest) writer.format_values(host, values);
    const ToldHosts::Change change = told.note(host.name, lasting, values.row + values.metrics, since);
    // Of a whole one more is told than is compared.
    if (change == ToldHosts::Change::entry || writer.is_whole(host.name)) {
      out += separator;
      writer.append_entry(out, host);
      separator = ",";
    } else if (change == ToldHosts::Change::values) {
      rows.add(values);
    }
    text.budget().check();
    text.go_on();
    return true;
  });
  out += "],\"values\":[";
  rows.append_to(text);
  out += "],\"deleted\":[";
  append_names(out, told.end(since));
  out += "],\"count\":" + std::to_string(count) + '}';
}

std::string question_of(const HostsQuery& query) {
  std::string question;
  append_question(question, query.metrics);
  question += '&';
  append_question(question, query.facts);
  return question;
}

std::string catalogue_json() {
  nlohmann::ordered_json catalogue;
  catalogue["version"] = HOSTWATCH_VERSION;
  catalogue["default_timeframe"] = query::kDefaultTimeframe;
  for (const query::Timeframe& timeframe : query::kTimeframes) {
    catalogue["timeframes"].push_back(
        {{"name", timeframe.name}, {"label", timeframe.label}, {"seconds", timeframe.seconds}});
  }
  for (const protocol::MetricDefinition& metric : protocol::catalogue()) {
    catalogue["metrics"].push_back({{"name", metric.name},
                                    {"unit", protocol::to_string(metric.unit)},
                                    {"minimum", metric.minimum},
                                    {"maximum", metric.maximum},
                                    {"decimals", metric.decimals},
                                    {"instance_label", metric.instance_label},
                                    {"help", metric.help},
                                    {"group", metric.group},
                                    {"chart", metric.chart},
                                    {"stacked", metric.stacked}});
  }
  return catalogue.dump();
}

}  // namespace hostwatch::api
