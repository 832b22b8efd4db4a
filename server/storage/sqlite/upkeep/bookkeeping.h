#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/upkeep/compaction_queue.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// What is noted of a host's rows (the table `filed`): it is held against the rows, and what cannot be right
/// is set anew from them. For the writing thread.
class Bookkeeping {
 public:
  Bookkeeping(Writer& writer, const ReadingCodec& codec, HostTable& hosts, CompactionQueue& queue)
      : writer_(writer), codec_(codec), hosts_(hosts), queue_(queue) {}

  /// Reads back what is noted of all hosts; HostTable's mutex is held. Throws SQLite::Exception.
  void load();
  /// Forgets what load() and the comparisons found.
  void clear();
  /// The host's rows are gone: nothing contradicts them.
  void forget(const Host& host) { contradictions_.erase(host.name); }

  /// The rows of the host's tail: read at the first time, and compared with what is noted of them.
  const std::vector<TailRow>& tail_of(Host& host);

  /// After a start, before the host's next reading is taken: its newest reading, by its last chunk. `now`:
  /// the server's clock.
  void compare_newest(Host& host, std::int64_t now);
  /// The same of some hosts that have not been compared; false while there are more.
  bool compare_some(std::int64_t now);

  /// Sets what is noted of hosts anew, from their rows, and logs it. True if there was any.
  bool mend();

 private:
  void load_series(Host& host, std::string_view packed);
  void load_latest(Host& host, std::string_view packed);
  void compare_with_rows(Host& host, bool is_filed);
  void compare_with_tail(Host& host);
  void remake_filed(Host& host);
  void contradicts(const Host& host, const std::string& what);
  std::vector<TailRow> mend_tail(Host& host);
  void write(const Host& host, const std::vector<TailRow>& tail);

  Writer& writer_;
  const ReadingCodec& codec_;
  HostTable& hosts_;
  CompactionQueue& queue_;
  std::vector<std::string> uncompared_;  ///< hosts whose newest reading was not held against their chunks yet
  std::map<std::string, std::string> contradictions_;  ///< by host: what is to be set anew, in words
};

}  // namespace hostwatch::storage::sqlite
