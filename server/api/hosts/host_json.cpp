#include "server/api/hosts/host_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "protocol/catalogue.h"
#include "protocol/encode.h"
#include "server/query/host_status.h"
#include "server/query/timeframes.h"
#include "util/text/json_text.h"

namespace hostwatch::api {

namespace {

using Names = std::optional<std::vector<std::string>>;

bool is_among(const Names& names, std::string_view name) {
  return !names || std::find(names->begin(), names->end(), name) != names->end();
}

void append_latest(std::string& out, const protocol::Reading& latest, const Names& metrics) {
  out += ",\"latest\":";
  if (!metrics) {
    out += protocol::encode_reading(latest);
    return;
  }
  protocol::Reading some{latest.hostname, latest.timestamp, latest.cpu, latest.ram, latest.disk, {}, {}};
  std::copy_if(latest.samples.begin(), latest.samples.end(), std::back_inserter(some.samples),
               [&](const protocol::Sample& sample) { return is_among(metrics, sample.metric); });
  out += protocol::encode_reading(some);
}

void append_facts(std::string& out, const protocol::HostFacts& known, const Names& names) {
  const std::string facts =
      protocol::facts_json(known, [&names](std::string_view name) { return is_among(names, name); });
  if (facts != "{}") out += ",\"facts\":" + facts;
}

void append_agents(std::string& out, const ingest::HostAgents& known, bool with_list) {
  bool first = true;
  for (const ingest::KnownAgent& agent : known.agents) {
    if (!with_list) break;
    out += first ? ",\"agents\":[{\"identity\":" : ",{\"identity\":";
    first = false;
    util::append_json_string(out, ingest::short_identity(agent.identity));
    out += ",\"address\":";
    util::append_json_string(out, agent.address);
    out += ",\"first_heard\":" + std::to_string(agent.first_heard) +
           ",\"last_heard\":" + std::to_string(agent.last_heard) + '}';
  }
  if (!first) out += ']';
  if (!known.conflict.empty()) {
    out += ",\"conflict\":";
    util::append_json_string(out, known.conflict);
  }
  if (known.clock_skew) out += ",\"clock_skew\":" + std::to_string(*known.clock_skew);
}

void append_host(std::string& out, const storage::HostState& host, const ingest::AgentsByHost& agents,
                 std::int64_t now, const HostsQuery& query) {
  const bool is_whole = std::find(query.whole.begin(), query.whole.end(), host.name) != query.whole.end();
  const Names facts = is_whole ? Names() : query.facts;
  out += "{\"hostname\":";
  util::append_json_string(out, host.name);
  out += query::is_up(host, now) ? ",\"status\":\"up\"" : ",\"status\":\"down\"";
  out += ",\"first_seen\":" + std::to_string(host.first_seen) +
         ",\"last_seen\":" + std::to_string(host.last_seen);
  if (host.interval > 0) out += ",\"interval\":" + std::to_string(host.interval);
  if (host.backfilled > 0) out += ",\"backfilled\":" + std::to_string(host.backfilled);
  if (const auto known = agents.find(host.name); known != agents.end()) {
    append_agents(out, known->second, is_among(facts, "agents"));
  }
  if (host.latest) append_latest(out, *host.latest, is_whole ? Names() : query.metrics);
  append_facts(out, host.facts, facts);
  out += '}';
}

}  // namespace

void format_hosts(const EachHost& each_host, const ingest::AgentsByHost& agents, std::int64_t now,
                  const HostsQuery& query, AnswerText& text) {
  std::string& out = text.out();
  out += "{\"now\":" + std::to_string(now) + ",\"hosts\":[";
  std::size_t count = 0;
  each_host([&](const storage::HostState& host) {
    if (count++ != 0) out += ',';
    append_host(out, host, agents, now, query);
    text.budget().check();
    text.go_on();
    return true;
  });
  // How many they are is known when they have been told: they are not all held until then.
  out += "],\"count\":" + std::to_string(count) + '}';
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
