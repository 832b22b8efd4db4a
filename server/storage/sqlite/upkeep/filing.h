#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/sqlite/figures.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/journal.h"
#include "server/storage/sqlite/sqlite_options.h"
#include "server/storage/sqlite/upkeep/compaction.h"
#include "server/storage/sqlite/upkeep/compaction_queue.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// Brings pending readings from the journal into the tails of their hosts, a slice a transaction; at the end
/// of a filing its rows of the journal go. For the writing thread.
class Filing {
 public:
  Filing(Writer& writer, HostTable& hosts, Journal& journal, CompactionQueue& queue, Compaction& compaction,
         Figures& figures, const SqliteOptions& options)
      : writer_(writer),
        hosts_(hosts),
        journal_(journal),
        queue_(queue),
        compaction_(compaction),
        figures_(figures),
        options_(options) {}

  /// One slice, if a filing is due or under way; true if that has more to do. If it throws, the filing begins
  /// anew: else the journal would be dropped with the slice's readings unfiled.
  bool run(std::int64_t now);

  /// At start: no filing is under way; `up_to`: the last row of the journal that may be filed in part.
  void reset(std::int64_t up_to);

 private:
  bool begin(std::int64_t now);
  bool file_slice(std::int64_t now);
  std::size_t file_host(Host& host, std::size_t most, PackedByTime::iterator& end);
  void write_filed(const Host& host, PackedByTime::const_iterator newest, std::int64_t count,
                   std::int64_t next_tail);
  void publish(const std::vector<std::pair<Host*, PackedByTime::iterator>>& filed);

  Writer& writer_;
  HostTable& hosts_;
  Journal& journal_;
  CompactionQueue& queue_;
  Compaction& compaction_;
  Figures& figures_;
  const SqliteOptions& options_;
  bool is_under_way_ = false;
  std::int64_t up_to_ = 0;  ///< last journal row of the filing under way, or of the last one
  std::vector<std::string> hosts_to_file_;
  std::int64_t last_filed_ = 0;
};

}  // namespace hostwatch::storage::sqlite
