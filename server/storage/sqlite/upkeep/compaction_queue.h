#pragma once

#include <deque>
#include <string>

#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/sqlite_options.h"
#include "server/storage/sqlite/upkeep/host_backoff.h"

namespace hostwatch::storage::sqlite {

/// The hosts whose tails wait for compaction, the one that waits longest first; by name, as they may be
/// deleted meanwhile. For the writing thread.
class CompactionQueue {
 public:
  CompactionQueue(const HostTable& hosts, const HostBackoff& backoff, const SqliteOptions& options)
      : hosts_(hosts), backoff_(backoff), options_(options) {}

  /// Takes the host in if enough of its readings are in its tail: a large chunk is written anew for many
  /// readings, or for few when there is nothing else to do.
  void want(Host& host);
  /// Takes it in whatever its tail holds; it must not be in.
  void add(Host& host);

  /// The first of those that are still there and have something in their tail; null: none waits.
  Host* first();
  /// The first one has had its turn.
  void pop(Host& host);

  /// Moves a host that waited for a time when there is nothing else to do to the others; false: there is
  /// none.
  bool add_one_when_idle();

  void clear();

 private:
  const HostTable& hosts_;
  const HostBackoff& backoff_;
  const SqliteOptions& options_;
  std::deque<std::string> waiting_;
  std::deque<std::string> when_idle_;
};

}  // namespace hostwatch::storage::sqlite
