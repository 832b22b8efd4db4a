#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/alert_rows.h"
#include "server/storage/check_report.h"
#include "server/storage/export_request.h"
#include "server/storage/host_tags.h"
#include "server/storage/open/open_store.h"
#include "server/storage/transfer/reading_import.h"

/// What an operator does to a database besides serving it, whichever kind of store `--database` names (see
/// open_store.h). Every function throws StoreError for a kind that is not built in.
namespace hostwatch::storage {

/// Looks at everything that is stored, also while a server runs on it; changes nothing. Problems beyond the
/// first hundred are not listed. Throws StoreError if the database cannot be read at all, or is none of ours.
CheckReport check_store(const std::string& database);

/// Writes a copy of the database as it is at this moment to the file `copy`, which must not be there yet, and
/// syncs it; a server may be running on the database. Readable by the owner alone. Throws StoreError, and
/// leaves no half copy behind.
void backup_store(const std::string& database, const std::string& copy);

/// Puts a backup in the place of the database, after checking it; what was there is kept beside it, as
/// DATABASE.before-restore. `accept_roll_ups`: also one in which nothing but roll-ups is wrong. Throws
/// StoreError: the backup is not sound, a server has the database open, a file cannot be written.
void restore_store(const std::string& backup, const std::string& database, bool accept_roll_ups);

/// Writes raw readings (not roll-ups) as CSV (transfer/reading_csv.h), host by host in order of name, each in
/// order of time: as of one moment, also while a server runs on the database. `write` gets pieces of the
/// text. Returns how many readings. Throws StoreError: the database cannot be read, or has no host of a given
/// name.
std::uint64_t export_store(const std::string& database, const ExportRequest& request,
                           const std::function<void(std::string_view)>& write);

/// Stores the readings of an export in the database, on which no server may be running. `now`: Unix seconds.
/// `options.trusts_readings` is taken for set. Throws StoreError: what was counted until then is stored.
ImportReport import_into_store(StoreOptions options, std::istream& in, std::int64_t now);

/// The rules of alarms that the database holds, by their ids; also while a server runs on it. Changes
/// nothing. Throws StoreError: the database cannot be read, or is not of this version.
std::vector<RuleRow> stored_rules(const std::string& database);

/// The hosts of the database, by name; likewise.
std::vector<HostTags> stored_hosts(const std::string& database);

}  // namespace hostwatch::storage
