#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/sqlite/figures.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/upkeep/bookkeeping.h"
#include "server/storage/sqlite/upkeep/borders.h"
#include "server/storage/sqlite/upkeep/compaction.h"
#include "server/storage/sqlite/upkeep/file_size.h"
#include "server/storage/sqlite/upkeep/host_backoff.h"
#include "server/storage/sqlite/upkeep/size_limit.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// Retention: every few minutes a pass over all hosts, a slice at a time, deletes chunks that are older than
/// they are kept, or that were given to save space; and learns on the way how far the history reaches. For
/// the writing thread.
class RetentionPass {
 public:
  RetentionPass(Writer& writer, HostTable& hosts, Bookkeeping& bookkeeping, Borders& borders,
                Compaction& compaction, HostBackoff& backoff, FileSize& file_size, SizeLimit& size_limit,
                Figures& figures)
      : writer_(writer),
        hosts_(hosts),
        bookkeeping_(bookkeeping),
        borders_(borders),
        compaction_(compaction),
        backoff_(backoff),
        file_size_(file_size),
        size_limit_(size_limit),
        figures_(figures) {}

  /// One slice, if a pass is due or under way; true if it has more to do.
  bool run(std::int64_t now);

  /// The next pass is due at once.
  void make_due() { last_began_ = INT64_MIN / 2; }
  /// Whether the pass under way, or the last one, has deleted anything.
  bool has_deleted() const { return has_deleted_; }

 private:
  bool begin(std::int64_t now);
  void end();
  void expire_some(std::int64_t now);
  bool expire_host(Host& host, std::vector<std::pair<Host*, KeptFrom>>& lost);
  std::int64_t oldest_loose(Host& host);
  void note_reach(Host& host);

  Writer& writer_;
  HostTable& hosts_;
  Bookkeeping& bookkeeping_;
  Borders& borders_;
  Compaction& compaction_;
  HostBackoff& backoff_;
  FileSize& file_size_;
  SizeLimit& size_limit_;
  Figures& figures_;
  std::vector<std::string> to_come_;  ///< hosts whose turn is still to come
  std::int64_t last_began_ = 0;
  bool has_deleted_ = false;
};

}  // namespace hostwatch::storage::sqlite
