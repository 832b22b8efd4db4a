#pragma once

#include <string>

#include "server/storage/check_report.h"

namespace hostwatch::storage::sqlite {

/// Looks at every page and every reading; a server may be running on the database. As the backup, it works
/// where the database's folder cannot be written, and leaves nothing beside it. Problems beyond the first
/// hundred are not listed. Throws StoreError if it cannot be read at all, or is none of ours.
CheckReport check_database(const std::string& path);

/// Writes a copy of the database as it is at this moment to `copy`, which must not be there yet, and syncs
/// it; a server may be running on it. Readable by the owner alone. Throws StoreError, and leaves no half copy
/// behind.
void backup_database(const std::string& path, const std::string& copy);

/// Puts a backup in the place of the database, after checking it. What was there is kept beside it, as
/// PATH.before-restore. Throws StoreError: the backup is not sound, a server has the database open, a file
/// cannot be written. `accept_roll_ups`: also one in which nothing but roll-ups is wrong.
void restore_database(const std::string& backup, const std::string& path, bool accept_roll_ups = false);

}  // namespace hostwatch::storage::sqlite
