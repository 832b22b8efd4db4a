#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/host_facts.h"
#include "util/optional_box.h"

namespace hostwatch::protocol {

/// One value of one metric; `instance` is empty for metrics that have none.
struct Sample {
  std::string metric;
  std::string instance;
  double value = 0;

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// One host's values at one time: what an agent sends. Identified by (hostname, timestamp).
/// Readings that come out of decode_readings() keep every rule of the contract: a printable host name,
/// percentages from 0 to 100, finite samples within the catalogue's ranges, no series twice.
struct Reading {
  std::string hostname;
  std::int64_t timestamp = 0;  ///< Unix seconds
  double cpu = 0;              ///< percent, 0 to 100
  double ram = 0;              ///< percent, 0 to 100
  double disk = 0;             ///< percent, 0 to 100
  std::vector<Sample> samples;
  util::OptionalBox<HostFacts> facts;  ///< what the host says of itself; sent at start and when it changes

  friend bool operator==(const Reading&, const Reading&) = default;
};

}  // namespace hostwatch::protocol
