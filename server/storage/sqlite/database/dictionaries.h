#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "server/storage/packed/reading_codec.h"

namespace hostwatch::storage::sqlite {

/// Puts the database's series and layouts into the codec, in the place of what it had. Throws StoreError if
/// they are damaged, SQLite::Exception.
void read_dictionaries(SQLite::Database& database, ReadingCodec& codec);

}  // namespace hostwatch::storage::sqlite
