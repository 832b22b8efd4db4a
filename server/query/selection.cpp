#include "server/query/selection.h"

#include <algorithm>
#include <set>
#include <utility>

namespace hostwatch::query {

std::vector<std::string> host_names_of(const storage::Store& store, Selection selection) {
  if (selection.tags.empty()) {
    return selection.hostnames.empty() ? store.host_names() : std::move(selection.hostnames);
  }
  std::set<std::string> tagged;
  for (storage::HostBrief& host : store.hosts_with(selection.tags)) tagged.insert(std::move(host.name));
  if (selection.hostnames.empty()) return {tagged.begin(), tagged.end()};
  std::erase_if(selection.hostnames, [&](const std::string& name) { return !tagged.contains(name); });
  return std::move(selection.hostnames);
}

std::vector<storage::HostBrief> hosts_of(const storage::Store& store, const Selection& selection) {
  std::vector<storage::HostBrief> hosts = store.hosts_with(selection.tags);
  if (selection.hostnames.empty()) return hosts;
  const std::set<std::string> wanted(selection.hostnames.begin(), selection.hostnames.end());
  std::erase_if(hosts, [&](const storage::HostBrief& host) { return !wanted.contains(host.name); });
  return hosts;
}

}  // namespace hostwatch::query
