#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstring>

#include "server/auth/secret.h"

namespace hostwatch::auth {

inline void bind_digest(SQLite::Statement& statement, int at, const Digest& digest) {
  statement.bind(at, digest.data(), static_cast<int>(digest.size()));
}

/// False for what is no digest.
inline bool read_digest(const SQLite::Column& column, Digest& digest) {
  if (column.getBytes() != static_cast<int>(digest.size())) return false;
  std::memcpy(digest.data(), column.getBlob(), digest.size());
  return true;
}

}  // namespace hostwatch::auth
