#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/proc_file.h"
#include "agent/collectors/rates.h"

namespace hostwatch::agent {

/// One interface's counters since it appeared: a line of proc(5) net/dev.
struct InterfaceCounters {
  enum Counter : std::size_t {
    receive_bytes,
    receive_packets,
    receive_errors,
    receive_drops,
    transmit_bytes,
    transmit_packets,
    transmit_errors,
    transmit_drops
  };
  static constexpr std::size_t kCounters = 8;

  std::string name;  ///< as it may be shown
  std::array<std::uint64_t, kCounters> counters{};
};

/// The interfaces of one net/dev.
struct NetworkStats {
  std::vector<InterfaceCounters> interfaces;
  std::size_t malformed = 0;  ///< lines that could not be understood
};

/// Every interface but the host's ends of containers' cables (veth*): they come and go with the containers,
/// and what passes them is counted on the bridge too. Never throws.
NetworkStats parse_network_stats(std::string_view text);

/// network_*, the loopback interface included. An interface that never carried anything is left out.
class NetworkCollector : public Collector {
 public:
  explicit NetworkCollector(const Roots& roots);
  std::string_view name() const override { return "network"; }
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  ProcFile dev_;
  Previous<std::vector<InterfaceCounters>> previous_;
};

}  // namespace hostwatch::agent
