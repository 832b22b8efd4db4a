#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/alerts/engine/alert_snapshot.h"
#include "server/ingest/agent_registry.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// How much of each host a GET /hosts asks for: who lists thousands of them needs little of each.
struct HostsQuery {
  std::optional<std::vector<std::string>> metrics;  ///< of the latest readings these alone; none: all
  std::optional<std::vector<std::string>> facts;    ///< these alone ("agents" is one of them); none: all
  std::vector<std::string> whole;                   ///< hosts of which all is told nevertheless
  /// What changed since the answer that had this is wanted alone; none: everything, in the form without it.
  std::optional<std::string> since = std::nullopt;
};

/// Writes hosts one by one as GET /hosts tells them (docs/api.md). What it is made with must outlive it.
class HostEntryWriter {
 public:
  /// `now`: the server's clock, Unix seconds. `alarms`: null: nothing is told of them.
  HostEntryWriter(const HostsQuery& query, const ingest::AgentsByHost& agents, std::int64_t now,
                  const alerts::SharedSnapshot& alarms = nullptr)
      : query_(query), agents_(agents), now_(now), alarms_(alarms) {}

  /// Whether all of the host is told, whatever is asked for of the others.
  bool is_whole(const std::string& hostname) const;

  /// The host as a JSON object.
  void append_entry(std::string& out, const storage::HostState& host) const;

  /// What of that object does not change with each reading (values, and when agents were last heard), as if
  /// the host were not a whole one: text to be compared, no JSON.
  void append_lasting(std::string& out, const storage::HostState& host) const;

  /// A host's values as a JSON array, and what the numbers after the name stand for. The host has a latest
  /// reading.
  struct Values {
    std::string row;      ///< ["web-1",last_seen,cpu,ram,disk,…]
    std::string metrics;  ///< of the numbers after disk: ["load1",["network_…",["eth0","lo"]],…]
  };
  /// As if the host were not a whole one. `values` is empty before.
  void format_values(const storage::HostState& host, Values& values) const;

 private:
  enum class How : std::uint8_t { whole, listed, lasting };

  void append_head(std::string& out, const storage::HostState& host) const;
  void append_alarms(std::string& out, const std::string& hostname) const;
  void append_agents(std::string& out, const storage::HostState& host, How how) const;

  const HostsQuery& query_;
  const ingest::AgentsByHost& agents_;
  const std::int64_t now_;
  const alerts::SharedSnapshot alarms_;
};

}  // namespace hostwatch::api
