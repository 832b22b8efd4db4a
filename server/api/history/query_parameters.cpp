#include "server/api/history/query_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "protocol/catalogue.h"
#include "protocol/names.h"
#include "server/query/timeframes.h"

namespace hostwatch::api {
namespace {

constexpr std::int64_t kMaxPoints = 5000;
constexpr std::int64_t kMaxStep = 366LL * 86400;
constexpr std::int64_t kMaxTime = 253402300799;  // the last second of the year 9999
constexpr std::int64_t kClockSlack = 300;        // as far ahead as a reading may lie (the contract)
constexpr std::size_t kMaxHostnames = 2000;
constexpr std::size_t kMaxNames = 200;
constexpr std::int64_t kMostTop = 50;
constexpr std::size_t kMaxWhole = 100;

/// Parameters that may stand once alone; collects the first thing that is wrong.
class Reader {
 public:
  explicit Reader(const http::Params& parameters) : parameters_(parameters) {}

  std::optional<std::string> text(const char* name) {
    const auto [begin, end] = parameters_.equal_range(name);
    if (begin == end || begin->second.empty()) return std::nullopt;
    if (std::next(begin) != end) fault(std::string(name) + " is given twice");
    return begin->second;
  }

  std::optional<std::int64_t> number(const char* name, std::int64_t least, std::int64_t most) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc() || end != value->data() + value->size() || number < least || number > most) {
      fault(std::string(name) + " must be a whole number from " + std::to_string(least) + " to " +
            std::to_string(most));
      return std::nullopt;
    }
    return number;
  }

  /// Of two words the one that stands there; they have to be named in what is refused.
  template <typename Value>
  std::optional<Value> one_of(const char* name, const std::array<std::pair<const char*, Value>, 2>& words) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    for (const auto& [word, value] : words) {
      if (*given == word) return value;
    }
    fault(std::string(name) + " must be " + words[0].first + " or " + words[1].first);
    return std::nullopt;
  }

  void fault(std::string text) {
    if (!fault_) fault_ = std::move(text);
  }
  const std::optional<std::string>& fault() const { return fault_; }

 private:
  const http::Params& parameters_;
  std::optional<std::string> fault_;
};

void read_range(Reader& reader, std::int64_t now, std::int64_t earliest, query::Selection& selection) {
  const auto name = reader.text("timeframe");
  const auto from = reader.number("from", 0, kMaxTime);
  const auto to = reader.number("to", 0, kMaxTime);
  const query::Timeframe* timeframe =
      query::find_timeframe(name.value_or(std::string(query::kDefaultTimeframe)));
  if (timeframe == nullptr) {
    std::string known;
    for (const query::Timeframe& preset : query::kTimeframes) known += " " + std::string(preset.name);
    reader.fault("timeframe must be one of" + known);
    return;
  }
  if (from && to && *from > *to) reader.fault("from must not be later than to");
  selection.to = to.value_or(from ? std::max(now, *from) : now);
  if (!to) selection.slack = kClockSlack;
  selection.from = from.value_or(selection.to - timeframe->seconds);
  // Of what is over nothing is left to ask for; an answer begins no later than it ends.
  selection.from = std::min(std::max(selection.from, earliest), selection.to);
}

void read_hostnames(const http::Params& parameters, Reader& reader, query::Selection& selection) {
  const auto [begin, end] = parameters.equal_range("hostname");
  for (auto at = begin; at != end; ++at) {
    if (at->second.empty()) continue;
    // Readings of hosts of these names were taken once.
    const bool is_refused_now = at->second == "." || at->second == "..";
    const auto why = protocol::why_not_host_name(at->second);
    if (why && !is_refused_now) reader.fault("hostname " + *why);
    if (std::find(selection.hostnames.begin(), selection.hostnames.end(), at->second) ==
        selection.hostnames.end()) {
      selection.hostnames.push_back(at->second);
    }
    if (selection.hostnames.size() > kMaxHostnames) {
      reader.fault("at most " + std::to_string(kMaxHostnames) + " hostnames can be asked for at once");
      return;
    }
  }
}

void read_tags(const http::Params& parameters, Reader& reader, query::Selection& selection) {
  const auto [begin, end] = parameters.equal_range("tag");
  for (auto at = begin; at != end; ++at) {
    if (at->second.empty()) continue;
    auto parsed = protocol::parse_tag(at->second);
    if (const auto* why = std::get_if<std::string>(&parsed)) {
      reader.fault("tag " + *why);
      return;
    }
    selection.tags.push_back(std::get<protocol::Tag>(std::move(parsed)));
    if (selection.tags.size() > protocol::kMostTags) {
      reader.fault("at most " + std::to_string(protocol::kMostTags) + " tags can be asked for at once");
      return;
    }
  }
}

void read_selection(const http::Params& parameters, Reader& reader, std::int64_t now, std::int64_t earliest,
                    query::Selection& selection) {
  read_hostnames(parameters, reader, selection);
  read_tags(parameters, reader, selection);
  read_range(reader, now, earliest, selection);
}

/// Names with commas between them, each once; none where the parameter is missing or `*`.
std::optional<std::vector<std::string>> read_names(Reader& reader, const char* parameter) {
  const auto list = reader.text(parameter);
  if (!list || *list == "*") return std::nullopt;
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= list->size();) {
    const std::size_t end = std::min(list->find(',', begin), list->size());
    std::string name = list->substr(begin, end - begin);
    begin = end + 1;
    if (!protocol::is_metric_name(name)) {
      reader.fault(std::string(parameter) + " must be names with commas between them, or *");
      return std::nullopt;
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  if (names.size() > kMaxNames) {
    reader.fault("at most 200 " + std::string(parameter) + " can be named at once; * asks for all");
  }
  return names;
}

void read_metrics(Reader& reader, query::HistoryRequest& history) {
  history.metrics.assign(protocol::kBasicMetrics.begin(), protocol::kBasicMetrics.end());
  if (!reader.text("metrics")) return;
  auto names = read_names(reader, "metrics");
  history.all_metrics = !names;
  if (names) history.metrics = *std::move(names);
}

DataFormat read_format(Reader& reader) {
  const auto is_long = reader.one_of<bool>("layout", {{{"wide", false}, {"long", true}}});
  const std::string format = reader.text("format").value_or("rows");
  if (format == "csv") return is_long.value_or(false) ? DataFormat::long_csv : DataFormat::csv;
  if (is_long) reader.fault("layout is for format=csv");
  if (format == "columns") return DataFormat::columns;
  if (format != "rows") reader.fault("format must be rows, columns or csv");
  return DataFormat::rows;
}

}  // namespace

std::variant<DataQuery, std::string> parse_data_query(const http::Params& parameters, std::int64_t now,
                                                      std::int64_t earliest) {
  Reader reader(parameters);
  DataQuery query;
  read_selection(parameters, reader, now, earliest, query.history);
  read_metrics(reader, query.history);
  query.history.step = reader.number("step", 0, kMaxStep);
  query.history.points = reader.number("points", 1, kMaxPoints).value_or(query.history.points);

  query.format = read_format(reader);
  // Minima and maxima stand in columns alone.
  query.history.extremes = query.format == DataFormat::columns;
  if (query.format == DataFormat::rows) {
    // A row always has the three basic values, whatever else is asked for.
    query.history.metrics.insert(query.history.metrics.end(), protocol::kBasicMetrics.begin(),
                                 protocol::kBasicMetrics.end());
  }
  if (reader.fault()) return *reader.fault();
  return query;
}

std::variant<query::FleetRequest, std::string> parse_fleet_query(const http::Params& parameters,
                                                                 std::int64_t now, std::int64_t earliest) {
  Reader reader(parameters);
  query::FleetRequest request;
  request.metric = reader.text("metric").value_or("");
  if (request.metric.empty()) {
    reader.fault("metric is missing: name one, as in metric=cpu");
  } else if (!protocol::is_metric_name(request.metric)) {
    reader.fault("metric must be the name of one metric");
  }
  request.instance = reader.text("instance");
  if (request.instance) {
    if (const auto why = protocol::why_not_instance_name(*request.instance)) reader.fault("instance " + *why);
  }
  request.combine = reader.one_of<query::Combine>(
      "combine", {{{"sum", query::Combine::sum}, {"highest", query::Combine::highest}}});
  read_selection(parameters, reader, now, earliest, request);
  request.step = reader.number("step", 0, kMaxStep);
  request.points = reader.number("points", 1, kMaxPoints).value_or(request.points);
  request.top = static_cast<std::size_t>(reader.number("top", 0, kMostTop).value_or(0));
  request.by =
      reader
          .one_of<query::FleetOrder>(
              "by", {{{"average", query::FleetOrder::average}, {"maximum", query::FleetOrder::maximum}}})
          .value_or(request.by);
  if (reader.fault()) return *reader.fault();
  return request;
}

std::variant<HostsQuery, std::string> parse_hosts_query(const http::Params& parameters) {
  Reader reader(parameters);
  HostsQuery query;
  query.metrics = read_names(reader, "metrics");
  query.facts = read_names(reader, "facts");
  const auto [begin, end] = parameters.equal_range("whole");
  for (auto at = begin; at != end && query.whole.size() < kMaxWhole; ++at) query.whole.push_back(at->second);
  // Also an empty one asks for the form that has a token for the next.
  if (parameters.contains("since")) query.since = reader.text("since").value_or("");
  if (reader.fault()) return *reader.fault();
  return query;
}

}  // namespace hostwatch::api
