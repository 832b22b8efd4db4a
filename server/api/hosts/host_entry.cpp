#include "server/api/hosts/host_entry.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include "protocol/encode.h"
#include "server/query/host_status.h"
#include "util/text/json_text.h"

namespace hostwatch::api {

namespace {

using Names = std::optional<std::vector<std::string>>;
using Samples = std::vector<const protocol::Sample*>;

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

void append_agent_list(std::string& out, const std::vector<ingest::KnownAgent>& agents, bool with_times) {
  bool first = true;
  for (const ingest::KnownAgent& agent : agents) {
    out += first ? ",\"agents\":[{\"identity\":" : ",{\"identity\":";
    first = false;
    util::append_json_string(out, ingest::short_identity(agent.identity));
    out += ",\"address\":";
    util::append_json_string(out, agent.address);
    out += ",\"first_heard\":" + std::to_string(agent.first_heard);
    if (with_times) out += ",\"last_heard\":" + std::to_string(agent.last_heard);
    out += '}';
  }
  if (!first) out += ']';
}

/// What JSON can say of those that are wanted, each metric's together, as protocol::encode_reading() has
/// them.
std::vector<Samples> by_metric(const protocol::Reading& reading, const Names& metrics) {
  std::vector<Samples> groups;
  for (const protocol::Sample& sample : reading.samples) {
    if (!std::isfinite(sample.value) || !is_among(metrics, sample.metric)) continue;
    auto same = groups.rbegin();
    while (same != groups.rend() && same->front()->metric != sample.metric) ++same;
    if (same == groups.rend()) {
      groups.push_back({&sample});
    } else {
      same->push_back(&sample);
    }
  }
  return groups;
}

void append_metric(std::string& out, const Samples& samples) {
  if (samples.size() == 1 && samples.front()->instance.empty()) {
    util::append_json_string(out, samples.front()->metric);
    return;
  }
  out += '[';
  util::append_json_string(out, samples.front()->metric);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    out += i == 0 ? ",[" : ",";
    util::append_json_string(out, samples[i]->instance);
  }
  out += "]]";
}

}  // namespace

bool HostEntryWriter::is_whole(const std::string& hostname) const {
  return std::find(query_.whole.begin(), query_.whole.end(), hostname) != query_.whole.end();
}

void HostEntryWriter::append_head(std::string& out, const storage::HostState& host) const {
  out += "{\"hostname\":";
  util::append_json_string(out, host.name);
  out += query::is_up(host, now_) ? ",\"status\":\"up\"" : ",\"status\":\"down\"";
  out += ",\"first_seen\":" + std::to_string(host.first_seen);
  append_alarms(out, host.name);
}

/// How many are open that people are told of.
void HostEntryWriter::append_alarms(std::string& out, const std::string& hostname) const {
  if (alarms_ == nullptr) return;
  const auto found = alarms_->by_host.find(hostname);
  if (found == alarms_->by_host.end()) return;
  const auto& [critical, warning, info] = found->second;
  if (critical == 0 && warning == 0) return;
  out += ",\"alarms\":{\"critical\":" + std::to_string(critical) + ",\"warning\":" + std::to_string(warning) +
         '}';
}

void HostEntryWriter::append_agents(std::string& out, const storage::HostState& host, How how) const {
  if (host.interval > 0) out += ",\"interval\":" + std::to_string(host.interval);
  if (host.backfilled > 0) out += ",\"backfilled\":" + std::to_string(host.backfilled);
  const auto found = agents_.find(host.name);
  if (found == agents_.end()) return;
  const ingest::HostAgents& known = found->second;
  if (how == How::whole || is_among(query_.facts, "agents")) {
    append_agent_list(out, known.agents, how != How::lasting);
  }
  if (!known.conflict.empty()) {
    out += ",\"conflict\":";
    util::append_json_string(out, known.conflict);
  }
  if (known.clock_skew) out += ",\"clock_skew\":" + std::to_string(*known.clock_skew);
}

void HostEntryWriter::append_entry(std::string& out, const storage::HostState& host) const {
  const bool is_whole = this->is_whole(host.name);
  append_head(out, host);
  out += ",\"last_seen\":" + std::to_string(host.last_seen);
  append_agents(out, host, is_whole ? How::whole : How::listed);
  if (host.latest) append_latest(out, *host.latest, is_whole ? Names() : query_.metrics);
  append_facts(out, host.facts, is_whole ? Names() : query_.facts);
  out += '}';
}

void HostEntryWriter::append_lasting(std::string& out, const storage::HostState& host) const {
  append_head(out, host);
  append_agents(out, host, How::lasting);
  // Without a reading there are no values that would tell of it.
  if (!host.latest) out += ",\"last_seen\":" + std::to_string(host.last_seen);
  append_facts(out, host.facts, query_.facts);
}

void HostEntryWriter::format_values(const storage::HostState& host, Values& values) const {
  std::string& row = values.row;
  row = '[';
  util::append_json_string(row, host.name);
  row += ',' + std::to_string(host.last_seen);
  for (const double value : {host.latest->cpu, host.latest->ram, host.latest->disk}) {
    row += ',';
    util::append_json_number(row, value);
  }
  values.metrics = '[';
  for (const Samples& samples : by_metric(*host.latest, query_.metrics)) {
    if (values.metrics.size() > 1) values.metrics += ',';
    append_metric(values.metrics, samples);
    for (const protocol::Sample* sample : samples) {
      row += ',';
      util::append_json_number(row, sample->value);
    }
  }
  row += ']';
  values.metrics += ']';
}

}  // namespace hostwatch::api
