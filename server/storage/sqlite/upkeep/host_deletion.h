#pragma once

#include <cstdint>
#include <string_view>

#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/upkeep/bookkeeping.h"
#include "server/storage/sqlite/upkeep/name_collector.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// Hosts that are deleted, or whose history is: what is stored under their number is nobody's from then on,
/// and is deleted in small pieces. For the writing thread.
class HostDeletion {
 public:
  HostDeletion(Writer& writer, HostTable& hosts, Bookkeeping& bookkeeping, NameCollector& names)
      : writer_(writer), hosts_(hosts), bookkeeping_(bookkeeping), names_(names) {}

  /// See Store::delete_host() and delete_history().
  bool forget(std::string_view hostname);
  bool clean(std::string_view hostname, std::int64_t now);

  /// Deletes one slice of what such hosts left; true if there is more.
  bool run();

  /// At start: there may be something left.
  void reset() { has_work_ = true; }

 private:
  void write_forgotten(std::int64_t host);
  void note_forgotten();

  Writer& writer_;
  HostTable& hosts_;
  Bookkeeping& bookkeeping_;
  NameCollector& names_;
  bool has_work_ = true;  ///< there may be rows in forgotten_host
};

}  // namespace hostwatch::storage::sqlite
