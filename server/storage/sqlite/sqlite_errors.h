#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

namespace hostwatch::storage::sqlite {

/// What the operator is told, by SQLite's result code.
std::string explain(const SQLite::Exception& error);

/// The connection, or what is known of the file, can no longer be relied on.
bool is_beyond_trust(const SQLite::Exception& error);

}  // namespace hostwatch::storage::sqlite
