#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/files/proc_file.h"
#include "agent/collectors/interfaces.h"
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
  bool is_own = false;  ///< one of the machine's own connections (InterfaceKind::own)
};

/// The interfaces of one net/dev.
struct NetworkStats {
  std::vector<InterfaceCounters> interfaces;
  std::size_t malformed = 0;  ///< lines that could not be understood
};

/// The lines of net/dev in parts, which point into its text.
struct InterfaceTable {
  std::vector<std::string_view> names;  ///< of all interfaces, one for each line that has a colon, which ends
                                        ///< it: the last one, as an alias has one in its name (eth0:2)
  std::vector<std::string_view> columns;  ///< behind each name
  std::size_t malformed = 0;  ///< lines that are neither that nor headings, and a last one cut off
};

/// Never throws.
InterfaceTable parse_interface_table(std::string_view text);

/// Every interface but the cables among `kinds`, which are in the order of the table: they come and go with
/// the guests, there are hundreds of them, and what passes them is counted elsewhere too. Interfaces beyond
/// the kinds are other ones. Never throws.
NetworkStats parse_network_stats(const InterfaceTable& table, std::span<const InterfaceKind> kinds = {});

/// The places where net/dev of the watched host may be, the best first.
std::vector<std::string> network_table_places(const Roots& roots);

/// network_*, the loopback interface included. An interface that never carried anything is left out. The
/// machine's own connections come first, so that where there are too many values the others are cut.
class NetworkCollector : public Collector {
 public:
  explicit NetworkCollector(const Roots& roots);
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  ProcFile dev_;
  InterfaceKinds kinds_;
  Previous<std::vector<InterfaceCounters>> previous_;
};

}  // namespace hostwatch::agent
