#include "server/api/alerts/alarms_query.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "server/alerts/rules/severity.h"

namespace hostwatch::api {
namespace {

constexpr std::int64_t kLatestTime = 253402300799;  // the last second of the year 9999
constexpr std::size_t kMostNames = 2000;

/// Parameters, and the first thing that is wrong with them.
class AlarmParameters {
 public:
  explicit AlarmParameters(const http::Params& parameters) : parameters_(parameters) {}

  std::string text(const char* name) {
    const auto [begin, end] = parameters_.equal_range(name);
    if (begin == end) return {};
    if (std::next(begin) != end) fault(std::string(name) + " is given twice");
    return begin->second;
  }

  /// What is there of it, each once; what is empty is passed over.
  std::set<std::string> texts(const char* name) {
    std::set<std::string> all;
    const auto [begin, end] = parameters_.equal_range(name);
    for (auto at = begin; at != end; ++at) {
      if (!at->second.empty()) all.insert(at->second);
    }
    if (all.size() > kMostNames) {
      fault("at most " + std::to_string(kMostNames) + " " + name + "s can be asked for at once");
    }
    return all;
  }

  std::int64_t number(const char* name, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
    const std::string given = text(name);
    if (given.empty()) return otherwise;
    std::int64_t number = 0;
    const char* const end = given.data() + given.size();
    const auto [rest, error] = std::from_chars(given.data(), end, number);
    if (error == std::errc() && rest == end && number >= least && number <= most) return number;
    fault(std::string(name) + " must be a whole number from " + std::to_string(least) + " to " +
          std::to_string(most));
    return otherwise;
  }

  void fault(std::string text) {
    if (!fault_) fault_ = std::move(text);
  }
  const std::optional<std::string>& fault() const { return fault_; }

 private:
  const http::Params& parameters_;
  std::optional<std::string> fault_;
};

void read_tags_into(AlarmsQuery& query, AlarmParameters& parameters) {
  for (const std::string& text : parameters.texts("tag")) {
    auto parsed = protocol::parse_tag(text);
    if (const auto* why = std::get_if<std::string>(&parsed)) return parameters.fault("tag " + *why);
    query.tags.push_back(std::get<protocol::Tag>(std::move(parsed)));
  }
  if (query.tags.size() > protocol::kMostTags) {
    parameters.fault("at most " + std::to_string(protocol::kMostTags) + " tags can be asked for at once");
  }
}

}  // namespace

std::variant<AlarmsQuery, std::string> parse_alarms_query(const http::Params& parameters) {
  AlarmParameters given(parameters);
  AlarmsQuery query;
  const std::string state = given.text("state");
  if (!state.empty() && state != "all" && state != "open" && state != "ended") {
    given.fault("state must be open, ended or all");
  }
  query.open = state != "ended";
  query.ended = state != "open";
  query.hosts = given.texts("host");
  query.rules = given.texts("rule");
  read_tags_into(query, given);
  query.severity = given.text("severity");
  if (!query.severity.empty() && !alerts::severity_named(query.severity)) {
    given.fault("severity must be info, warning or critical");
  }
  query.from = given.number("from", 0, kLatestTime, query.from);
  query.to = given.number("to", 0, kLatestTime, query.to);
  if (query.from > query.to) given.fault("from must not be later than to");
  query.limit = static_cast<std::size_t>(
      given.number("limit", 1, AlarmsQuery::kMostAlarms, static_cast<std::int64_t>(query.limit)));
  if (given.fault()) return *given.fault();
  return query;
}

bool asks_for(const AlarmsQuery& query, const std::set<std::string>* hosts, const storage::AlarmRow& alarm) {
  if (alarm.ended == 0 ? !query.open : !query.ended) return false;
  if (hosts != nullptr && !hosts->contains(alarm.host)) return false;
  if (!query.rules.empty() && !query.rules.contains(alarm.rule)) return false;
  if (!query.severity.empty() && query.severity != alarm.severity) return false;
  return alarm.fired <= query.to && (alarm.ended == 0 || alarm.ended >= query.from);
}

std::variant<storage::DeliveryQuery, std::string> parse_deliveries_query(const http::Params& parameters) {
  AlarmParameters given(parameters);
  storage::DeliveryQuery query;
  query.limit = 200;
  query.channel = given.text("channel");
  query.state = given.text("state");
  if (!query.state.empty() && query.state != "dead" && query.state != "waiting" && query.state != "sent") {
    given.fault("state must be dead, waiting or sent");
  }
  query.limit = given.number("limit", 1, AlarmsQuery::kMostAlarms, query.limit);
  if (given.fault()) return *given.fault();
  return query;
}

}  // namespace hostwatch::api
