#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collectors/collector.h"
#include "protocol/repeated_instances.h"

namespace hostwatch::agent {

/// What /sys/class/net/NAME says of an interface's place among the others.
struct InterfaceLinks {
  std::string name;
  bool has_device = false;          ///< hardware, or what a virtual machine takes for it (`device`)
  bool is_representor = false;      ///< stands for a part of another one's hardware (`phys_port_name`)
  std::int64_t type = 0;            ///< ARPHRD_*
  std::int64_t index = 0;           ///< `ifindex`
  std::int64_t link = 0;            ///< `iflink`: of what it is tied to, perhaps in another network namespace
  bool tells_carrier = true;        ///< `operstate` is not "unknown", which it is of a tunnel that is up
  std::string master;               ///< the bridge, bond or the like that it is a port of
  std::vector<std::string> lowers;  ///< what it lies on in this network namespace (`lower_*`)
};

/// Nothing if sysfs does not have the interface.
std::optional<InterfaceLinks> read_interface_links(const Roots& roots, std::string_view name);

/// True for what container engines, hypervisors and network plugins call the host's ends of the cables to
/// their guests: veth*, cali*, tap*, fwpr*, ... Pure.
bool has_cable_name(std::string_view name);

/// True for names that hardware has (eth0, enp3s0, wlan0, ib0, ...). Pure.
bool has_hardware_name(std::string_view name);

/// True if the interface's other end is in another network namespace: a container's own, or the host's end
/// of a container's. Not a tunnel that is bound to one of `all` (gretap), nor an end of a pair whose other
/// end is among them. Pure.
bool is_end_of_cable(const InterfaceLinks& interface, std::span<const InterfaceLinks> all);

/// Which of the interfaces (without `lo`) repeat what others of them count. Where there is hardware, all
/// else: what comes over a bond, bridge, VLAN or tunnel came over the hardware as well, or never left the
/// machine (between its containers). In a container, all but its ends of cables; where there are none
/// either, what lies on others. Pure.
protocol::RepeatedInstances repeated_interfaces(std::span<const InterfaceLinks> interfaces);

/// What an interface is to those who look at the host.
enum class InterfaceKind : std::uint8_t {
  own,    ///< the machine's connection to others
  other,  ///< bridges, tunnels, `lo`, ...
  cable,  ///< the end of a guest's cable: not shown
};

/// The kinds of all interfaces of a host: by sysfs where it has them, by their names where not. They are
/// looked at when they appear, not at each tick. Not thread-safe.
class InterfaceKinds {
 public:
  explicit InterfaceKinds(Roots roots) : roots_(std::move(roots)) {}

  /// The kinds in the order of `names`; valid until the next call. If all but `lo` are cables, they are
  /// `other`: a machine that has nothing else is connected by them.
  std::span<const InterfaceKind> of(std::span<const std::string_view> names);

 private:
  struct Known {
    std::string name;
    bool has_device = false;
    bool may_be_cable = false;  ///< by its links, if there is hardware beside it
    bool tells_carrier = false;
    bool in_sysfs = false;
    std::int64_t index = 0;
    std::int64_t link = 0;
  };
  Known look_at(std::string_view name) const;

  const Roots roots_;
  std::vector<Known> known_;
  std::vector<InterfaceKind> kinds_;
};

}  // namespace hostwatch::agent
