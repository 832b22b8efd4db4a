#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/repeated_instances.h"
#include "protocol/tag.h"

namespace hostwatch::protocol {

/// What a host says of itself. Empty text and zero mean: not known; no tags: it has none.
struct HostFacts {
  std::string os;                     ///< "Debian GNU/Linux 12 (bookworm)", from os-release(5)
  std::string kernel;                 ///< "6.1.0-13-amd64"
  std::string architecture;           ///< "x86_64"
  std::string cpu_model;              ///< "AMD EPYC 7B13"
  std::int64_t cpu_cores = 0;         ///< logical processors online
  std::int64_t memory_bytes = 0;      ///< total memory
  std::string agent_version;          ///< "0.1.0"
  std::int64_t boot_time = 0;         ///< Unix seconds
  std::int64_t interval_seconds = 0;  ///< how often the agent samples; decides when the host counts as down
  Tags tags;                          ///< at most kMostTags
  /// Interfaces and disks that sums over the host's leave out; at most kMostRepeated each. Nothing: the agent
  /// does not know, or is one that does not tell. Empty: it looked, and each counts bytes of its own.
  std::optional<RepeatedInstances> repeated_interfaces = std::nullopt;
  std::optional<RepeatedInstances> repeated_disks = std::nullopt;

  friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

/// Whether a fact of that name is to be among those that are written; empty: all are.
using FactFilter = std::function<bool(std::string_view name)>;

/// The facts as the text of a JSON object, without those that are not known.
std::string facts_json(const HostFacts& facts, const FactFilter& is_wanted = {});

/// Reads what facts_json() wrote; unknown members and wrong types are passed over. Nothing if it is no
/// object.
std::optional<HostFacts> facts_from_json(std::string_view text);

}  // namespace hostwatch::protocol
