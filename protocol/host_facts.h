#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

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

  friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

/// The facts as a JSON object, without those that are not known.
nlohmann::json to_json(const HostFacts& facts);

/// Reads what to_json() wrote; unknown members and wrong types are passed over. Never throws on an object.
HostFacts facts_from_json(const nlohmann::json& object);

}  // namespace hostwatch::protocol
