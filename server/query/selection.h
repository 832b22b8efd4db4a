#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/storage/store.h"

namespace hostwatch::query {

/// Which hosts, and which times of theirs.
struct Selection {
  std::vector<std::string> hostnames;  ///< empty: every host
  std::vector<protocol::Tag> tags;     ///< of those, the hosts that have, of each key, one value
  std::int64_t from = 0;               ///< Unix seconds, inclusive
  std::int64_t to = 0;                 ///< Unix seconds, inclusive
  std::int64_t slack = 0;  ///< seconds beyond `to` that count as well: clocks of hosts that are ahead
};

/// The names that are selected; an empty list means that there are none. Names that are asked for without
/// tags are given back as they are, in their order, whether there are such hosts or not.
std::vector<std::string> host_names_of(const storage::Store& store, Selection selection);

/// The hosts that are selected and exist, by name.
std::vector<storage::HostBrief> hosts_of(const storage::Store& store, const Selection& selection);

}  // namespace hostwatch::query
