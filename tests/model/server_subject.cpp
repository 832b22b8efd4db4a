#include "tests/model/server_subject.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "protocol/encode.h"
#include "server/storage/transfer/reading_csv.h"
#include "tests/integration/ledger.h"
#include "tests/model/comparison.h"
#include "tests/model/export_text.h"

namespace hostwatch::model {
namespace {

using nlohmann::json;

std::string parameters_of(const query::Selection& selection) {
  std::string text = "from=" + std::to_string(std::max<std::int64_t>(selection.from, 0));
  // The server counts a slack of its own beyond now where no end is given.
  text += "&to=" + std::to_string(selection.to + selection.slack);
  for (const std::string& host : selection.hostnames) text += "&hostname=" + host;
  return text;
}

std::string percent_encoded(const std::string& text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    (encoded += '%') += kDigits[byte >> 4U];
    encoded += kDigits[byte & 15U];
  }
  return encoded;
}

double number_or_nan(const json& value) {
  return value.is_null() ? NAN : value.get<double>();
}

std::vector<double> numbers(const json& array) {
  std::vector<double> numbers;
  std::transform(array.begin(), array.end(), std::back_inserter(numbers), number_or_nan);
  return numbers;
}

query::History from_columns(const json& answer) {
  query::History history;
  for (const json& host : answer["hosts"]) {
    query::HostHistory& one = history.hosts.emplace_back();
    one.hostname = host["hostname"];
    one.timestamps = host["timestamps"].get<std::vector<std::int64_t>>();
    for (const json& series : host["series"]) {
      one.series.push_back({series["metric"], series["instance"], numbers(series["average"]),
                            numbers(series["minimum"]), numbers(series["maximum"])});
    }
  }
  return history;
}

/// Gathers rows that come value by value.
class RowGatherer {
 public:
  void row(const std::string& host, std::int64_t time) {
    query::HostHistory& one = of(host);
    if (!one.timestamps.empty() && one.timestamps.back() == time) return;
    one.timestamps.push_back(time);
    for (query::SeriesHistory& series : one.series) series.average.push_back(NAN);
  }
  void value(const std::string& host, const std::string& metric, const std::string& instance, double value) {
    query::HostHistory& one = of(host);
    auto series = std::find_if(one.series.begin(), one.series.end(), [&](const query::SeriesHistory& known) {
      return known.metric == metric && known.instance == instance;
    });
    if (series == one.series.end()) {
      one.series.push_back({metric, instance, std::vector<double>(one.timestamps.size(), NAN), {}, {}});
      series = std::prev(one.series.end());
    }
    series->average.back() = value;
  }
  query::History take() { return std::move(history_); }

 private:
  query::HostHistory& of(const std::string& host) {
    const auto found = std::find_if(history_.hosts.begin(), history_.hosts.end(),
                                    [&](const query::HostHistory& one) { return one.hostname == host; });
    if (found != history_.hosts.end()) return *found;
    history_.hosts.emplace_back().hostname = host;
    return history_.hosts.back();
  }
  query::History history_;
};

query::History from_rows(const json& answer) {
  RowGatherer rows;
  for (const json& row : answer["data"]) {
    const std::string host = row["hostname"];
    rows.row(host, row["timestamp"]);
    for (const char* metric : {"cpu", "ram", "disk"}) {
      if (row.contains(metric) && !row[metric].is_null()) rows.value(host, metric, "", row[metric]);
    }
    const json metrics = row.value("metrics", json::object());
    for (const auto& [metric, value] : metrics.items()) {
      if (!value.is_object()) {
        rows.value(host, metric, "", value);
        continue;
      }
      for (const auto& [instance, one] : value.items()) rows.value(host, metric, instance, one);
    }
  }
  return rows.take();
}

std::vector<std::vector<std::string>> records_of(const std::string& csv) {
  std::istringstream in(csv);
  storage::CsvReader reader(in);
  std::vector<std::vector<std::string>> records;
  for (std::vector<std::string> fields; reader.next(fields);) records.push_back(fields);
  return records;
}

query::History from_csv(const std::string& csv) {
  const auto records = records_of(csv);
  RowGatherer rows;
  for (std::size_t i = 1; i < records.size(); ++i) {
    rows.row(records[i][1], std::stoll(records[i][0]));
    for (std::size_t column = 2; column < records[i].size(); ++column) {
      if (records[i][column].empty()) continue;
      const std::string& name = records[0].at(column);
      const std::size_t brace = name.find('{');
      const std::string instance =
          brace == std::string::npos ? "" : name.substr(brace + 1, name.size() - brace - 2);
      rows.value(records[i][1], name.substr(0, brace), instance, std::stod(records[i][column]));
    }
  }
  return rows.take();
}

query::History from_long_csv(const std::string& csv) {
  RowGatherer rows;
  const auto records = records_of(csv);
  for (std::size_t i = 1; i < records.size(); ++i) {
    rows.row(records[i].at(1), std::stoll(records[i][0]));
    rows.value(records[i][1], records[i].at(2), records[i].at(3), std::stod(records[i].at(4)));
  }
  return rows.take();
}

std::string duration(std::int64_t seconds) {
  return std::to_string(seconds) + "s";
}

}  // namespace

ServerSubject::ServerSubject(const std::string& folder, std::int64_t now, const Options& options)
    : folder_(folder) {
  const std::string path = folder_ + "/clock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, 2 * sizeof(std::int64_t)) != 0)
    throw std::runtime_error("cannot make " + path);
  void* mapped = ::mmap(nullptr, 2 * sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped == MAP_FAILED) throw std::runtime_error("cannot map " + path);
  shifts_ = static_cast<std::int64_t*>(mapped);
  shift(now - testing::unix_now(), 0);
  start(options);
}

ServerSubject::~ServerSubject() {
  client_.reset();
  server_.reset();
  ::munmap(shifts_, 2 * sizeof(std::int64_t));
}

void ServerSubject::shift(std::int64_t wall, std::int64_t steady) {
  client_.reset();  // a connection would have been idle for so long
  const auto add = [](std::int64_t& shift, std::int64_t seconds) {
    __atomic_store_n(&shift, shift + seconds, __ATOMIC_SEQ_CST);
  };
  add(shifts_[0], wall);
  add(shifts_[1], steady);
}

std::int64_t ServerSubject::now() const {
  return testing::unix_now() + shifts_[0];
}

std::vector<std::string> ServerSubject::with_shifted_clock() const {
  return {"env", "LD_PRELOAD=" HOSTWATCH_SHIFTED_CLOCK_LIBRARY,
          "HOSTWATCH_SHIFTED_CLOCK=" + folder_ + "/clock"};
}

void ServerSubject::start(const Options& options) {
  retention_hours_ = options.retention.hours;
  std::vector<std::string> arguments{"--retention",         duration(options.retention.readings),
                                     "--retention-minutes", duration(options.retention.minutes),
                                     "--retention-hours",   duration(options.retention.hours)};
  if (options.max_database_bytes != 0) {
    arguments.insert(arguments.end(), {"--max-database-size", std::to_string(options.max_database_bytes)});
  }
  server_ = std::make_unique<testing::Server>(folder_ + "/metrics.db", 0, arguments, with_shifted_clock());
}

void ServerSubject::restart(const Options& options, bool killed) {
  client_.reset();
  if (killed) {
    server_->process().signal(SIGKILL);
    server_->process().wait();
  } else if (const auto status = server_->process().stop(); status != 0) {
    throw std::runtime_error("the server did not stop");
  }
  server_.reset();
  start(options);
}

std::string ServerSubject::get(const std::string& address) {
  for (int tries = 0; tries < 2; ++tries) {
    if (!client_) client_ = std::make_unique<httplib::Client>(server_->client());
    const httplib::Result result = client_->Get(address);
    client_.reset();
    if (!result) continue;
    if (result->status == 400 && result->body.find("ask for") != std::string::npos)
      throw query::HistoryTooLarge(result->body);
    if (result->status != 200) throw Difference("GET " + address + ": " + result->body);
    return result->body;
  }
  throw Difference("no answer to GET " + address);
}

Sent ServerSubject::send(const std::vector<protocol::Reading>& readings) {
  std::string body = "[";
  for (const protocol::Reading& reading : readings) {
    if (body.size() > 1) body += ',';
    body += protocol::encode_reading(reading);
  }
  body += ']';
  const httplib::Result result = server_->client().Post("/metrics", body, "application/json");
  if (!result) throw Difference("no answer to POST /metrics");
  const json answer = json::parse(result->body);
  Sent sent;
  if (result->status == 400) {  // none of them
    for (std::size_t i = 0; i < readings.size(); ++i) sent.refused.push_back(i);
    return sent;
  }
  if (result->status != 200) throw Difference("POST /metrics: " + result->body);
  sent.accepted = answer["accepted"];
  sent.duplicates = answer["duplicates"];
  sent.conflicts = answer.value("conflicts", 0);
  for (const json& refused : answer.value("rejected", json::array()))
    sent.refused.push_back(refused["index"]);
  std::sort(sent.refused.begin(), sent.refused.end());
  return sent;
}

bool ServerSubject::forget(const std::string& host) {
  const httplib::Result result = server_->client().Delete("/hosts/" + host);
  if (!result) throw Difference("no answer to DELETE");
  return result->status == 200;
}

bool ServerSubject::clean(const std::string& host) {
  const httplib::Result result = server_->client().Post("/hosts/" + host + "/clean", "", "text/plain");
  if (!result) throw Difference("no answer to clean");
  return result->status == 200;
}

/// It does what is due by itself; the readings that wait are filed when that is due.
void ServerSubject::maintain(int pieces) {
  if (pieces != 0) return;
  advance(31);
  if (!testing::eventually([&] { return testing::server_figure(*server_, "pending_readings") == 0; }))
    throw Difference("readings were not filed within a minute");
}

query::History ServerSubject::history(const query::HistoryRequest& request, const std::string& format) {
  std::string address = "/data?" + parameters_of(request);
  if (request.step) address += "&step=" + std::to_string(*request.step);
  if (!request.step) address += "&points=" + std::to_string(request.points);
  std::string names;
  for (const std::string& metric : request.metrics) names += (names.empty() ? "" : ",") + metric;
  address += "&metrics=" + (request.all_metrics ? "*" : names);
  address += format == "long" ? "&format=csv&layout=long" : "&format=" + format;
  const std::string body = get(address);
  // CSV does not say the step.
  const bool is_json = body.starts_with('{');
  query::History history;
  std::int64_t step = request.step.value_or(0);
  if (is_json) {
    const json answer = json::parse(body);
    history = format == "columns" ? from_columns(answer) : from_rows(answer);
    step = answer["step"];
    if (answer["count"] != history.rows()) throw Difference("count in the answer to GET " + address);
  } else {
    history = format == "csv" ? from_csv(body) : from_long_csv(body);
  }
  history.step = step;
  // Rows always have the three values that every reading has.
  for (query::HostHistory& host : history.hosts) {
    std::erase_if(host.series, [&](const query::SeriesHistory& series) {
      const bool is_basic = series.metric == "cpu" || series.metric == "ram" || series.metric == "disk";
      const auto& wanted = request.metrics;
      return format == "rows" && is_basic && !request.all_metrics &&
             std::find(wanted.begin(), wanted.end(), series.metric) == wanted.end();
    });
  }
  return history;
}

query::Fleet ServerSubject::fleet(const query::FleetRequest& request) {
  std::string address = "/fleet?metric=" + request.metric + "&" + parameters_of(request) +
                        "&top=" + std::to_string(request.top) +
                        "&by=" + (request.by == query::FleetOrder::average ? "average" : "maximum");
  if (request.step) address += "&step=" + std::to_string(*request.step);
  if (!request.step) address += "&points=" + std::to_string(request.points);
  if (request.instance) address += "&instance=" + percent_encoded(*request.instance);
  if (request.combine) address += "&combine=" + std::string(query::to_string(*request.combine));
  const json answer = json::parse(get(address));
  query::Fleet fleet;
  fleet.combine = answer["combine"] == "sum" ? query::Combine::sum : query::Combine::highest;
  fleet.step = answer["step"];
  fleet.hosts = answer["hosts"];
  for (std::size_t i = 0; i < answer["timestamps"].size(); ++i) {
    fleet.buckets.push_back({answer["timestamps"][i], answer["count"][i], answer["minimum"][i],
                             answer["median"][i], answer["p95"][i], answer["maximum"][i]});
  }
  for (const json& host : answer["top"])
    fleet.top.push_back({host["hostname"], host["average"], host["maximum"]});
  return fleet;
}

std::map<std::string, Listed> ServerSubject::hosts() {
  std::map<std::string, Listed> hosts;
  const json answer = json::parse(get("/hosts"));
  for (const json& host : answer["hosts"]) {
    hosts[host["hostname"]] = {host.value("interval", std::int64_t{0}), host["last_seen"]};
  }
  return hosts;
}

testing::Finished ServerSubject::run(std::vector<std::string> command) {
  std::vector<std::string> whole = with_shifted_clock();
  whole.insert(whole.end(), {HOSTWATCH_SERVER_PROGRAM, "--database", folder_ + "/metrics.db"});
  whole.insert(whole.end(), command.begin(), command.end());
  return testing::run_to_end(whole);
}

std::vector<std::string> ServerSubject::check() {
  const testing::Finished finished = run({"check"});
  return finished.status == 0 ? std::vector<std::string>{} : std::vector<std::string>{finished.output};
}

std::map<std::string, Model::History> ServerSubject::exported() {
  const std::string path = folder_ + "/export-" + std::to_string(++exports_) + ".csv";
  const testing::Finished finished = run({"export", path});
  if (finished.status != 0) throw Difference("export: " + finished.output);
  std::ifstream file(path);
  return parse_export(file);
}

std::uint64_t ServerSubject::used_bytes() {
  return static_cast<std::uint64_t>(json::parse(get("/health"))["database"]["used_bytes"].get<double>());
}

}  // namespace hostwatch::model
