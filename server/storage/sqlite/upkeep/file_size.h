#pragma once

#include <cstdint>

#include "server/storage/sqlite/figures.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// How large the database is, how fast it grows, and its free pages. For the writing thread.
class FileSize {
 public:
  /// `is_limited`: free pages are given back rather than kept for what comes.
  FileSize(Writer& writer, Figures& figures, bool is_limited)
      : writer_(writer), figures_(figures), is_limited_(is_limited) {}

  /// Bytes of the file that hold something, as it is now.
  std::uint64_t used_bytes();

  /// Remembers once an hour what the database holds, and learns from it how fast it grows.
  void record(std::int64_t now);

  /// Gives some free pages back to the file system; true if there are more. A file that was made without
  /// auto_vacuum cannot shrink; its free pages are used again.
  bool vacuum_some();
  /// vacuum_some() is to find out again whether the file can shrink.
  void try_vacuum_again() { can_shrink_ = true; }

 private:
  Writer& writer_;
  Figures& figures_;
  const bool is_limited_;
  bool can_shrink_ = true;  ///< as far as is known
  std::int64_t last_recorded_ = 0;
};

}  // namespace hostwatch::storage::sqlite
