#include "server/api/prometheus_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/catalogue.h"
#include "server/query/host_status.h"

namespace hostwatch::api {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr const char* kPrefix = "hostwatch_";

/// A metric's lines without those about it, which begin with # as no value's line does.
std::string_view without_head(std::string_view lines) {
  while (lines.starts_with('#')) lines.remove_prefix(std::min(lines.find('\n'), lines.size() - 1) + 1);
  return lines;
}

/// One family a metric, made when its first value comes; std::map keeps the output's order stable. Values are
/// text from a few thousand on: as such they take a tenth of the memory.
class Families {
 public:
  explicit Families(query::AnswerBudget& budget) : budget_(budget) {}

  void gauge(const std::string& name, const std::string& help, std::vector<ClientMetric::Label> labels,
             double value) {
    add(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
    write_if_many();
  }
  void counter(const std::string& name, const std::string& help, std::uint64_t value,
               std::vector<ClientMetric::Label> labels = {}) {
    add(name, help, MetricType::Counter, std::move(labels)).counter.value = static_cast<double>(value);
    write_if_many();
  }

  /// All of it; nothing is left.
  void give(AnswerText& text) {
    write();
    for (auto& [name, pieces] : lines_) {
      for (std::string& piece : pieces) {
        text.out() += piece;
        std::string().swap(piece);  // not all of it is there twice
        text.go_on();
      }
    }
    lines_.clear();
  }

 private:
  static constexpr std::size_t kMost = 4096;  ///< values that are not text yet

  ClientMetric& add(const std::string& name, const std::string& help, MetricType type,
                    std::vector<ClientMetric::Label> labels) {
    MetricFamily& family = families_[name];
    family.name = name;
    family.help = help;
    family.type = type;
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    ++values_;
    return metric;
  }
  void write_if_many() {
    if (values_ >= kMost) write();
  }
  void write() {
    for (auto& [name, family] : families_) {
      std::vector<MetricFamily> one;
      one.push_back(std::move(family));
      std::ostringstream out;
      prometheus::TextSerializer().Serialize(out, one);
      std::vector<std::string>& pieces = lines_[name];
      const std::string_view more = pieces.empty() ? out.view() : without_head(out.view());
      budget_.take_bytes(more.size());
      pieces.emplace_back(more);
    }
    families_.clear();
    values_ = 0;
    budget_.check();
  }

  query::AnswerBudget& budget_;
  std::map<std::string, MetricFamily> families_;
  std::size_t values_ = 0;
  std::map<std::string, std::vector<std::string>> lines_;  ///< by metric
};

ClientMetric::Label label(const std::string& name, const std::string& value) {
  ClientMetric::Label result;
  result.name = name;
  result.value = value;
  return result;
}

/// Prometheus asks for the unit at the name's end; the three basic metrics have short names for people.
std::string exposed_name(const std::string& metric) {
  const bool basic = protocol::is_basic_metric(metric);
  return kPrefix + metric + (basic ? "_percent" : "");
}

void add_value(Families& families, const std::string& hostname, const std::string& metric,
               const std::string& instance, double value) {
  if (!std::isfinite(value)) return;
  const protocol::MetricDefinition* known = protocol::find_metric(metric);
  std::vector<ClientMetric::Label> labels{label("hostname", hostname)};
  if (!instance.empty()) {
    const bool named = known != nullptr && !known->instance_label.empty();
    labels.push_back(label(named ? std::string(known->instance_label) : "instance_name", instance));
  }
  const std::string help =
      known != nullptr ? std::string(known->help) : "A value of its own that a host reports.";
  // A custom gauge must not take the name of a figure of ours, nor look like a counter or a histogram's part.
  const std::string name = known != nullptr ? exposed_name(metric) : kPrefix + ("custom_" + metric);
  families.gauge(name, help, std::move(labels), value);
}

void add_agents(Families& families, const std::string& hostname, const ingest::HostAgents& known) {
  const std::string host = std::string(kPrefix) + "host_";
  if (known.clock_skew) {
    families.gauge(host + "clock_skew_seconds", "How far the host's clock is ahead of the server's.",
                   {label("hostname", hostname)}, static_cast<double>(*known.clock_skew));
  }
  if (!known.conflict.empty()) {
    families.gauge(host + "name_conflict", "1 while two agents report under the host's name.",
                   {label("hostname", hostname)}, 1);
  }
}

void add_history_figures(Families& families, const std::string& server,
                         const storage::StoreStatistics& store) {
  families.gauge(server + "database_used_bytes", "Bytes of the database that hold something.", {},
                 static_cast<double>(store.used_bytes));
  families.gauge(server + "database_growth_bytes", "What the database grows by in a day, of late.", {},
                 store.bytes_per_day);
  if (store.limit_bytes != 0) {
    families.gauge(server + "database_limit_bytes", "What the database may hold.", {},
                   static_cast<double>(store.limit_bytes));
  }
  if (store.oldest != INT64_MAX) {
    families.gauge(server + "history_oldest_timestamp_seconds", "Where the history begins.", {},
                   static_cast<double>(store.oldest));
  }
  if (store.oldest_reading != INT64_MAX) {
    families.gauge(server + "readings_oldest_timestamp_seconds", "Where raw readings begin.", {},
                   static_cast<double>(store.oldest_reading));
  }
  for (const storage::StoreDetail& detail : store.details) {
    families.gauge(server + detail.name, detail.help, {}, detail.value);
  }
  families.gauge(server + "damaged_chunks",
                 "Chunks of the history that are damaged, or are kept apart since they were.", {},
                 static_cast<double>(store.damaged_chunks));
  families.gauge(server + "damaged_hosts",
                 "Hosts whose upkeep waits, since their rows in the database cannot be worked on.", {},
                 static_cast<double>(store.damaged_hosts));
  if (store.series_limit != 0) {
    families.gauge(server + "series_limit", "How many names of series there can be.", {},
                   static_cast<double>(store.series_limit));
  }
  families.counter(server + "series_refused_total",
                   "Samples left out because their host has, or brings, too many series.",
                   store.refused_series);
}

void add_server_figures(Families& families, const ServerFigures& figures) {
  const std::string server = std::string(kPrefix) + "server_";
  families.gauge(server + "uptime_seconds", "Time since the server started.", {}, figures.uptime_seconds);
  families.gauge(server + "connections", "Connections open.", {}, static_cast<double>(figures.connections));
  families.counter(server + "requests_total", "Requests received.", figures.requests);
  families.counter(server + "readings_accepted_total", "Readings stored.", figures.ingest.accepted);
  families.counter(server + "readings_duplicate_total", "Readings that were stored already.",
                   figures.ingest.duplicates);
  families.counter(server + "readings_conflicting_total",
                   "Readings that were stored already with other values.", figures.ingest.conflicts);
  families.counter(server + "readings_failed_total", "Readings that the database did not take.",
                   figures.ingest.failed);
  families.counter(server + "requests_turned_away_total",
                   "Requests refused because more arrived than could be stored.", figures.ingest.refused);
  for (std::size_t i = 0; i < figures.posts_refused.size(); ++i) {
    families.counter(server + "posts_refused_total",
                     "Requests that were posted and refused: no such address, no access, no readings.",
                     figures.posts_refused.at(i),
                     {label("reason", std::string(name_of(static_cast<PostRefusals::Kind>(i))))});
  }
  families.counter(server + "commits_total", "Transactions of readings.", figures.ingest.commits);
  families.gauge(server + "queue_values", "Readings and samples that wait or are being stored.", {},
                 static_cast<double>(figures.ingest.waiting_values));
  families.gauge(server + "queue_bytes", "Memory of the readings that wait or are being stored.", {},
                 static_cast<double>(figures.ingest.waiting_bytes));
  families.gauge(server + "decoding_bytes", "Bodies of readings that wait to be decoded, inflated.", {},
                 static_cast<double>(figures.decoding_bytes));
  families.gauge(server + "pending_bytes", "Memory of the readings that are not filed yet.", {},
                 static_cast<double>(figures.store.pending_bytes));
  families.gauge(server + "hosts", "Hosts known.", {}, static_cast<double>(figures.store.hosts));
  families.gauge(server + "series", "Series known.", {}, static_cast<double>(figures.store.series));
  families.gauge(server + "database_bytes", "Size of the database on disk.", {},
                 static_cast<double>(figures.store.database_bytes));
  families.gauge(server + "pending_readings", "Readings stored and not yet filed under their hosts.", {},
                 static_cast<double>(figures.store.pending_readings));
  add_history_figures(families, server, figures.store);
}

void add_host(Families& families, const storage::HostState& host, const ServerFigures& figures) {
  const bool up = query::is_up(host, figures.now);
  families.gauge(std::string(kPrefix) + "host_up", "1 while the host's readings arrive, else 0.",
                 {label("hostname", host.name)}, up ? 1 : 0);
  if (const auto known = figures.agents.find(host.name); known != figures.agents.end()) {
    add_agents(families, host.name, known->second);
  }
  if (!up || !host.latest) return;
  const protocol::Reading& latest = *host.latest;
  add_value(families, host.name, "cpu", "", latest.cpu);
  add_value(families, host.name, "ram", "", latest.ram);
  add_value(families, host.name, "disk", "", latest.disk);
  for (const protocol::Sample& sample : latest.samples) {
    add_value(families, host.name, sample.metric, sample.instance, sample.value);
  }
}

}  // namespace

void format_exposition(const EachHost& each_host, const ServerFigures& figures, AnswerText& text) {
  Families families(text.budget());
  each_host([&](const storage::HostState& host) {
    text.budget().check();
    add_host(families, host, figures);
    return true;
  });
  add_server_figures(families, figures);
  families.give(text);
}

}  // namespace hostwatch::api
