#include "agent/repeated_facts.h"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collectors/block_devices.h"
#include "agent/collectors/disk_io.h"
#include "agent/collectors/interfaces.h"
#include "agent/collectors/network.h"
#include "agent/collectors/proc_file.h"

namespace hostwatch::agent {
namespace {

/// What the server would refuse is left out, and what is too much.
protocol::RepeatedInstances as_may_be_sent(const protocol::RepeatedInstances& all) {
  protocol::RepeatedInstances some;
  for (const std::string& name : all) {
    if (some.size() < protocol::kMostRepeated && !protocol::why_not_repeated(name)) some.insert(name);
  }
  return some;
}

/// A name that sysfs cannot have: an alias (eth0:2), or bytes that were mended.
bool is_beyond_sysfs(std::string_view name) {
  return std::any_of(name.begin(), name.end(), [](char c) { return c == ':' || c < 0; });
}

std::optional<protocol::RepeatedInstances> repeated_of_network(const Roots& roots) {
  ProcFile dev(network_table_places(roots));
  const auto text = dev.read();
  if (!text) return std::nullopt;
  const std::vector<std::string_view> names = interface_names(*text);
  InterfaceKinds kinds(roots);
  const auto kind_of = kinds.of(names);
  std::vector<InterfaceLinks> interfaces;
  protocol::RepeatedInstances aliases;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (kind_of[i] == InterfaceKind::cable || names[i] == "lo") continue;
    if (auto links = read_interface_links(roots, names[i])) {
      interfaces.push_back(std::move(*links));
    } else if (!is_beyond_sysfs(names[i])) {
      return std::nullopt;  // another network namespace's sysfs, or none
    } else if (names[i].find(':') != std::string_view::npos) {
      aliases.emplace(names[i]);
    }
  }
  if (interfaces.empty() && !aliases.empty()) return std::nullopt;
  protocol::RepeatedInstances repeated = repeated_interfaces(interfaces);
  repeated.merge(aliases);
  return as_may_be_sent(repeated);
}

std::optional<protocol::RepeatedInstances> repeated_of_disks(const Roots& roots) {
  ProcFile diskstats(join_path(roots.proc, "/diskstats"));
  const auto text = diskstats.read();
  if (!text) return std::nullopt;
  std::vector<std::string> names;
  for (DiskCounters& disk : parse_disk_stats(*text).disks) names.push_back(std::move(disk.name));
  const auto repeated = repeated_disks(roots, names);
  if (!repeated) return std::nullopt;
  return as_may_be_sent(*repeated);
}

}  // namespace

void read_repeated_instances(const Roots& roots, protocol::HostFacts& into) {
  try {
    into.repeated_interfaces = repeated_of_network(roots);
    into.repeated_disks = repeated_of_disks(roots);
  } catch (const std::exception&) {  // the collectors say what cannot be read
  }
}

}  // namespace hostwatch::agent
