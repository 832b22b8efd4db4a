#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hostwatch::storage::sqlite {

/// What check_database() counted, and what is wrong; nothing: the database is sound.
struct CheckReport {
  std::uint64_t hosts = 0;
  std::uint64_t series = 0;
  std::uint64_t filed = 0;    ///< readings filed under their hosts
  std::uint64_t journal = 0;  ///< readings that are durable and not filed yet
  std::vector<std::string> problems;
};

/// Looks at every page and every reading; a server may be running on the database. Problems beyond the first
/// hundred are not listed. Throws StoreError if it cannot be read at all, or is none of ours.
CheckReport check_database(const std::string& path);

/// Writes a copy of the database as it is at this moment to `copy`, which must not be there yet, and syncs
/// it; a server may be running on it. Readable by the owner alone. Throws StoreError, and leaves no half copy
/// behind.
void backup_database(const std::string& path, const std::string& copy);

/// Puts a backup in the place of the database, after checking it. What was there is kept beside it, as
/// PATH.before-restore. Throws StoreError: the backup is not sound, a server has the database open, a file
/// cannot be written.
void restore_database(const std::string& backup, const std::string& path);

}  // namespace hostwatch::storage::sqlite
