#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <optional>

#include "server/auth/credentials.h"

namespace hostwatch::auth {

inline constexpr int kApplicationId = 0x48574352;  // "HWCR"
/// 2: who made a token; agents that are shut out, wait or are allowed; which agent was last heard as a host.
/// 3: channels that alarms are told to.
inline constexpr int kSchemaVersion = 3;

/// Makes the tables in an empty file, or what an older version has not. In a transaction: two programs may
/// start at once.
void bring_up_to_date(SQLite::Database& database);

/// As read_token() takes them.
inline constexpr const char* kTokenColumns =
    "id, name, scope, host, identity, created, last_used, expires, uses_left, made_by";
inline constexpr int kTokenColumnCount = 10;

/// The token of a row that begins with kTokenColumns; nothing if its scope is none that is known.
std::optional<Token> read_token(SQLite::Statement& row);

/// False if there was none.
bool delete_token(SQLite::Database& database, std::int64_t id);

}  // namespace hostwatch::auth
