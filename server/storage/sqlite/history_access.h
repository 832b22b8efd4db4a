#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/chunks/history_reader.h"
#include "server/storage/sqlite/damage_log.h"
#include "server/storage/sqlite/database/connection.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

/// Reads histories over connections of their own, memory and database at one moment. Thread-safe.
class HistoryAccess {
 public:
  HistoryAccess(ReaderPool& readers, const HostTable& hosts, const ReadingCodec& codec, DamageLog& damages)
      : readers_(readers), hosts_(hosts), codec_(codec), damages_(damages) {}

  /// See Store.
  std::uint64_t count(std::string_view hostname, std::int64_t from, std::int64_t to, std::uint64_t limit);
  void read(const ReadRequest& request, const PartVisitor& visit);

 private:
  struct Snapshot {
    ReaderPool::Lease reader;
    std::int64_t host = 0;  ///< 0: there is no such host
    std::vector<LooseReading> pending;
  };
  Snapshot snapshot(const std::string& hostname, std::int64_t from, std::int64_t to);
  HistoryReader reader_of(Snapshot& moment);

  ReaderPool& readers_;
  const HostTable& hosts_;
  const ReadingCodec& codec_;
  DamageLog& damages_;
};

}  // namespace hostwatch::storage::sqlite
