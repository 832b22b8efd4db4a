#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "server/storage/export_request.h"

namespace hostwatch::storage::sqlite {

/// Writes raw readings (not roll-ups) as CSV (reading_csv.h), host by host in order of name, each in
/// order of time: as of one moment, also while a server runs on the database. `write` gets pieces of the
/// text. Returns how many readings. Throws StoreError: the database cannot be read, or has no host of a given
/// name.
std::uint64_t export_readings(const std::string& path, const ExportRequest& request,
                              const std::function<void(std::string_view)>& write);

}  // namespace hostwatch::storage::sqlite
