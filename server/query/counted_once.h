#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/host_facts.h"

namespace hostwatch::query {

/// Whether instances of a metric with that label (of the catalogue) may count the same bytes: interfaces and
/// disks lie on one another, bonds on their ports, logical volumes on their disks. Pure.
bool may_count_twice(std::string_view instance_label);

/// Which instances of a host's metric a sum over them takes, so that each byte counts once: one answer for
/// each of `instances`, at least one of them true unless there are none. Left out are those that the host's
/// facts name; where the facts tell nothing of it, those whose names say that they lie on others; and the
/// interface `lo`. What would leave nothing is not done. `label`: one that may_count_twice(). Pure.
std::vector<bool> counted_once(const std::vector<std::string>& instances, std::string_view label,
                               const protocol::HostFacts& facts);

}  // namespace hostwatch::query
