#include "server/api/hosts/host_json.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "protocol/catalogue.h"
#include "server/query/timeframes.h"
#include "util/text/json_text.h"

namespace hostwatch::api {

namespace {

/// Rows of values until all hosts have been visited, those that stand for the same metrics together. All that
/// is held is counted in the budget: what the rows stand for may be far longer than they are.
class ValueRows {
 public:
  explicit ValueRows(query::AnswerBudget& budget) : budget_(budget) {}

  void add(const HostEntryWriter::Values& values) {
    auto group = groups_.find(values.metrics);
    if (group == groups_.end()) {
      const std::size_t bytes = values.metrics.size() + kGroupBytes;
      budget_.take_bytes(bytes);
      group = groups_.emplace(values.metrics, Group{{}, bytes}).first;
    }
    add(values.row, group->second);
  }

  /// What has been told is given back on the way.
  void append_to(AnswerText& text) {
    const char* separator = "";
    for (auto group = groups_.begin(); group != groups_.end(); group = groups_.erase(group)) {
      text.out().append(separator).append("{\"metrics\":").append(group->first).append(",\"rows\":[");
      separator = ",";
      for (std::string& piece : group->second.pieces) {
        text.out().append(piece);
        piece = std::string();
        text.go_on();
      }
      text.out().append("]}");
      budget_.give_back_bytes(group->second.bytes);
    }
  }

 private:
  /// Rows in pieces: one text of them all would be there twice whenever it grew.
  struct Group {
    std::vector<std::string> pieces;
    std::size_t bytes;  ///< of memory, as the budget has it
  };
  static constexpr std::size_t kPiece = 64UL * 1024;
  static constexpr std::size_t kGroupBytes = 160;  ///< of a node of the map and its allocations, about
  static constexpr std::size_t kPieceBytes = 80;   ///< of a piece beside its text: its place, and a free one

  void add(std::string_view row, Group& group) {
    const std::size_t needed = row.size() + 1;
    std::vector<std::string>& pieces = group.pieces;
    const bool is_first = pieces.empty();
    if (is_first || pieces.back().size() + needed > pieces.back().capacity()) {
      // Most groups have one host or very many.
      const std::size_t room =
          is_first ? needed : std::max(needed, std::min(kPiece, 2 * pieces.back().size()));
      budget_.take_bytes(room + kPieceBytes);
      group.bytes += room + kPieceBytes;
      pieces.emplace_back().reserve(room);
    }
    if (!is_first) pieces.back() += ',';
    pieces.back() += row;
  }

  query::AnswerBudget& budget_;
  std::map<std::string, Group> groups_;  ///< by metrics
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

/// Of all hosts and of the server itself; nothing where there are none.
void append_alarm_counts(std::string& out, const alerts::SharedSnapshot& alarms) {
  if (alarms == nullptr || (alarms->all.critical == 0 && alarms->all.warning == 0)) return;
  out += ",\"alarms\":{\"critical\":" + std::to_string(alarms->all.critical) +
         ",\"warning\":" + std::to_string(alarms->all.warning) + '}';
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
  out += "],\"count\":" + std::to_string(count);
  append_alarm_counts(out, alarms);
  out += '}';
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
  out += "],\"count\":" + std::to_string(count);
  append_alarm_counts(out, alarms);
  out += '}';
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
