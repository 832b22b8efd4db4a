#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>

namespace hostwatch::storage::sqlite {

/// "HWdb": tells our files from other SQLite databases.
inline constexpr std::int32_t kApplicationId = 0x48576462;

/// The schema this program writes. Raise it together with a new step in migrate(). docs/storage.md describes
/// it.
inline constexpr int kSchemaVersion = 5;

/// Brings the schema from `version` (0: an empty file) to kSchemaVersion in one transaction, so that a
/// program killed meanwhile begins anew. Throws SQLite::Exception.
void migrate(SQLite::Database& database, int version);

/// Rows of the tail and of the chunks belong to a host and a place in its history: one number, so that a
/// host's rows lie side by side. `low` is a number from 0 to 2^32 - 1.
constexpr std::int64_t row_id(std::int64_t host, std::int64_t low) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(host) << 32U | static_cast<std::uint64_t>(low));
}
constexpr std::int64_t host_of_row(std::int64_t id) {
  return id >> 32;
}
constexpr std::int64_t low_of_row(std::int64_t id) {
  return id & 0xffffffff;
}
inline constexpr std::int64_t kGreatestLow = 0xffffffff;

}  // namespace hostwatch::storage::sqlite
