#pragma once

#include <string>
#include <vector>

#include "server/storage/alert_rows.h"
#include "server/storage/host_tags.h"

namespace hostwatch::storage::sqlite {

/// See stored_rules() and stored_hosts() in store_admin.h.
std::vector<RuleRow> read_stored_rules(const std::string& path);
std::vector<HostTags> read_stored_hosts(const std::string& path);

}  // namespace hostwatch::storage::sqlite
