#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/storage/packed/reading_codec.h"

namespace hostwatch::storage::sqlite {

/// The hosts of a database: their names by their ids.
using HostNames = std::unordered_map<std::int64_t, std::string>;

/// What a database notes of its rows and the rows contradict.
struct BookkeepingReport {
  /// The server sets it anew from the rows, and loses no reading: what `filed` says of a host's tail, of its
  /// newest and its latest reading and of its series; how many readings a row of the tail has; how long a
  /// chunk is.
  std::vector<std::string> to_be_mended;
  /// It cannot be told which of the two is right: times of a row of the tail that are not its own; chunks
  /// that lie in each other.
  std::vector<std::string> problems;
};

/// Looks at every row of the tables `tail` and `filed`, and at what the rows of chunks say of them. Rows that
/// are damaged themselves are passed over, and so is what forgotten hosts left. Of schema version 2 and
/// later, within a transaction that reads. Throws SQLite::Exception.
BookkeepingReport check_bookkeeping(SQLite::Database& database, const ReadingCodec& codec,
                                    const HostNames& hosts);

}  // namespace hostwatch::storage::sqlite
