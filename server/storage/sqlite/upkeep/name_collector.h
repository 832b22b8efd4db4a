#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/chunks/reference_scan.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// Garbage collection of names: numbers of series and layouts that nothing refers to any more are given back.
/// It looks for what is in use, a small piece at a time, while readings come. For the writing thread.
class NameCollector {
 public:
  NameCollector(Writer& writer, ReadingCodec& codec, HostTable& hosts)
      : writer_(writer), codec_(codec), hosts_(hosts) {}

  /// One piece; true if there is more to do. What hosts have in memory comes first, so that from then on
  /// every reading's layout is marked: those that came before are in the journal, or where they moved on to,
  /// and ReferenceScan finds them.
  bool run(std::int64_t now);

  /// Writes, within the caller's transaction, that history is deleted; note_deletion() is for after it.
  void write_deletion();
  /// History was deleted: names may be left over.
  void note_deletion() { names_were_left_ = true; }

  /// At start, and before anything is read back: no search is under way.
  void abandon();
  void reset(bool names_were_left);

 private:
  struct Search {
    Search(Connection& connection, ReadingCodec& codec) : scan(connection, codec) {}
    std::vector<std::string> hosts;  ///< that are still to be looked at in memory
    ReferenceScan scan;
    bool is_scanned = false;
    std::vector<std::uint32_t> layouts;  ///< still to be given back
    std::vector<std::uint32_t> series;
    std::size_t given_back = 0;
  };
  bool begin(std::int64_t now);
  bool search_a_piece(Search& work, std::int64_t now);
  void note_use_in_memory(std::vector<std::string>& hosts, std::int64_t now);
  void end_scan(Search& work);
  void give_back_some(Search& work, std::int64_t now);

  Writer& writer_;
  ReadingCodec& codec_;
  HostTable& hosts_;
  std::optional<Search> search_;  ///< the one under way
  bool names_were_left_ = false;  ///< history was deleted since the last search began
  std::int64_t last_search_ = INT64_MIN / 2;
};

}  // namespace hostwatch::storage::sqlite
