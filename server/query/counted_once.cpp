#include "server/query/counted_once.h"

#include <algorithm>
#include <array>
#include <functional>

namespace hostwatch::query {
namespace {

constexpr std::string_view kInterface = "interface";
constexpr std::string_view kDisk = "device";

/// Names of what is made in software on other interfaces: bonds and teams, bridges, the cables of containers
/// and virtual machines, tunnels. Where a name ends in `#`, numbers follow it, as in br0: so that no other
/// word that begins alike (brocade0) is meant.
constexpr auto kStackedInterfaces = std::to_array<std::string_view>(
    {"bond", "team",    "br-",    "br#",  "vmbr", "docker", "podman",    "virbr",
     "cni",  "flannel", "veth",   "cali", "lxc",  "lxdbr",  "cilium_",   "tap",
     "vnet", "fwbr",    "fwpr",   "fwln", "tun",  "wg",     "vlan",      "macvlan",
     "ifb",  "vxlan",   "geneve", "gre",  "sit#", "ip6tnl", "tailscale", "zt"});
/// Device mapper, software RAID, caches, replicas and volumes on pools.
constexpr auto kStackedDisks = std::to_array<std::string_view>({"dm-", "md#", "bcache", "drbd", "zd#"});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_as(std::string_view name, std::string_view pattern) {
  if (!pattern.ends_with('#')) return name.starts_with(pattern);
  pattern.remove_suffix(1);
  return name.starts_with(pattern) && name.size() > pattern.size() && is_digit(name[pattern.size()]);
}

/// A VLAN or an alias (eth0.10, eth0:1, eth0.10@eth0) whose interface is there.
bool is_part_of_another(std::string_view name, const std::vector<std::string>& instances) {
  const std::size_t end = name.find_first_of(".:@");
  return end != std::string_view::npos &&
         std::find(instances.begin(), instances.end(), name.substr(0, end)) != instances.end();
}

bool is_stacked_by_name(std::string_view name, std::string_view label,
                        const std::vector<std::string>& instances) {
  const auto begins = [&](std::string_view pattern) { return begins_as(name, pattern); };
  if (label == kDisk) return std::any_of(kStackedDisks.begin(), kStackedDisks.end(), begins);
  return std::any_of(kStackedInterfaces.begin(), kStackedInterfaces.end(), begins) ||
         is_part_of_another(name, instances);
}

/// Leaves out what `is_left_out` says of, unless that would leave nothing.
void leave_out(std::vector<bool>& counted, const std::vector<std::string>& instances,
               const std::function<bool(const std::string&)>& is_left_out) {
  std::vector<bool> fewer = counted;
  for (std::size_t i = 0; i < instances.size(); ++i) fewer[i] = counted[i] && !is_left_out(instances[i]);
  if (std::find(fewer.begin(), fewer.end(), true) != fewer.end()) counted = std::move(fewer);
}

}  // namespace

bool may_count_twice(std::string_view instance_label) {
  return instance_label == kInterface || instance_label == kDisk;
}

std::vector<bool> counted_once(const std::vector<std::string>& instances, std::string_view label,
                               const protocol::HostFacts& facts) {
  std::vector<bool> counted(instances.size(), true);
  // The machine's way to itself is no traffic.
  if (label == kInterface)
    leave_out(counted, instances, [](const std::string& name) { return name == "lo"; });
  const auto& repeated = label == kDisk ? facts.repeated_disks : facts.repeated_interfaces;
  leave_out(counted, instances, [&](const std::string& name) {
    return repeated ? repeated->contains(name) : is_stacked_by_name(name, label, instances);
  });
  return counted;
}

}  // namespace hostwatch::query
