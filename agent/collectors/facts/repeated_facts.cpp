#include "agent/collectors/facts/repeated_facts.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/collectors/disks/block_devices.h"
#include "agent/collectors/disks/disk_io.h"
#include "agent/collectors/files/proc_file.h"
#include "agent/collectors/interfaces.h"
#include "agent/collectors/network.h"
#include "protocol/catalogue.h"

namespace hostwatch::agent {
namespace {

using Names = std::set<std::string_view>;

/// The instances among the samples whose metrics have that label ("device").
Names sent_as(std::string_view label, std::span<const protocol::Sample> samples) {
  Names names;
  std::string_view metric;  // samples of one metric or instance mostly stand together
  bool has_label = false;
  for (const protocol::Sample& sample : samples) {
    if (std::exchange(metric, sample.metric) != sample.metric) {
      const protocol::MetricDefinition* const known = protocol::find_metric(metric);
      has_label = known != nullptr && known->instance_label == label;
    }
    if (has_label) names.insert(sample.instance);
  }
  return names;
}

/// Those of `names` that repeat, as many as may be sent: a host may have more than a reading has room for.
/// The sum goes over what is sent, so that goes first, then the others as the kernel lists them: they may be
/// sent next. Without what the server would refuse. Nothing if what is sent alone is too much: the server
/// then goes by the names, where a list that lacks some would have it count these twice.
template <typename Range>
std::optional<protocol::RepeatedInstances> as_may_be_sent(const Range& names,
                                                          const protocol::RepeatedInstances& repeated,
                                                          const Names& sent) {
  protocol::RepeatedInstances some;
  for (const bool is_sent : {true, false}) {
    for (const std::string_view name : names) {
      const bool may_be =
          sent.contains(name) == is_sent && repeated.contains(name) && !protocol::why_not_repeated(name);
      if (!may_be) continue;
      if (some.size() < protocol::kMostRepeated) {
        some.emplace(name);
      } else if (is_sent && !some.contains(name)) {
        return std::nullopt;
      }
    }
  }
  return some;
}

/// A name that sysfs cannot have: an alias (eth0:2), or bytes that were mended.
bool is_beyond_sysfs(std::string_view name) {
  return std::any_of(name.begin(), name.end(), [](char c) { return c == ':' || c < 0; });
}

std::optional<protocol::RepeatedInstances> repeated_of_network(const Roots& roots, const Names& sent) {
  ProcFile dev(network_table_places(roots));
  const auto text = dev.read();
  if (!text) return std::nullopt;
  const std::vector<std::string_view> names = parse_interface_table(*text).names;
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
  return as_may_be_sent(names, repeated, sent);
}

std::optional<protocol::RepeatedInstances> repeated_of_disks(const Roots& roots, const Names& sent) {
  ProcFile diskstats(join_path(roots.proc, "/diskstats"));
  const auto text = diskstats.read();
  if (!text) return std::nullopt;
  std::vector<std::string> names;
  for (DiskCounters& disk : parse_disk_stats(*text).disks) names.push_back(std::move(disk.name));
  const auto repeated = repeated_disks(roots, names);
  if (!repeated) return std::nullopt;
  return as_may_be_sent(names, *repeated, sent);
}

}  // namespace

void read_repeated_instances(const Roots& roots, std::span<const protocol::Sample> sent,
                             protocol::HostFacts& into) {
  try {
    into.repeated_interfaces = repeated_of_network(roots, sent_as("interface", sent));
    into.repeated_disks = repeated_of_disks(roots, sent_as("device", sent));
  } catch (const std::exception&) {  // the collectors say what cannot be read
  }
}

}  // namespace hostwatch::agent
