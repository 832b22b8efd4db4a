#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "server/storage/sqlite/database/connection.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

/// The bytes of a packed reading, which the store's memory and those who read it share.
using SharedPacked = std::shared_ptr<const std::string>;

/// A reading that is in no chunk.
struct LooseReading {
  std::int64_t timestamp;
  SharedPacked packed;
};

/// Reads one host's history over a connection that is in a transaction, so that it sees one moment. Which
/// level serves which time: roll-ups as coarse as the request allows, the readings themselves where they are
/// not rolled up; and where readings are no longer kept, what there is. One object a query; not thread-safe.
class HistoryReader {
 public:
  /// Told of each chunk that cannot be read; it is passed over.
  using DamageReport = std::function<void(Level level, std::int64_t id, const std::string& what)>;

  HistoryReader(Connection& connection, const ReadingCodec& codec, std::int64_t host, DamageReport report)
      : connection_(connection),
        codec_(codec),
        host_(host),
        report_(std::move(report)),
        tables_(connection, [](std::uint32_t) { return 0; }) {}

  /// `pending`: readings of the host that are not filed, of any time, in order of time.
  void read(const ReadRequest& request, std::vector<LooseReading> pending, const PartVisitor& visit);

  /// How many readings, or where there are none any more roll-ups, are in the range; stops at `limit`.
  std::uint64_t count(std::int64_t from, std::int64_t to, std::vector<LooseReading> pending,
                      std::uint64_t limit);

 private:
  struct Chunk {
    Level level;
    std::int64_t id;
    std::int64_t period;
    std::int64_t rows;
    std::int64_t from;  ///< of its rows, those from here
    std::int64_t to;    ///< to here are wanted
  };
  std::vector<Chunk> plan(std::int64_t from, std::int64_t to, std::int64_t resolution);
  void plan_level(Level level, std::int64_t from, std::int64_t to, bool unrolled_only,
                  std::vector<Chunk>& chunks);
  /// Some of the readings that are in no chunk, in order of time; false: no more are wanted.
  using LooseVisitor = std::function<bool(const std::vector<LooseReading>& readings)>;
  void for_each_loose(std::int64_t from, std::int64_t to, std::vector<LooseReading> pending,
                      const LooseVisitor& visit);
  bool visit_chunks(const ReadRequest& request, Level level, const std::vector<Chunk>& chunks,
                    const PartVisitor& visit);
  bool visit_loose(WantedValues& wanted, const std::vector<LooseReading>& readings, const PartVisitor& visit);
  bool wants(const ReadRequest& request, std::uint32_t series);
  bool wants_column(const ReadRequest& request, Level level, std::uint32_t number);

  Connection& connection_;
  const ReadingCodec& codec_;
  std::int64_t host_;
  DamageReport report_;
  ChunkTables tables_;
  std::unordered_map<std::uint32_t, bool> wanted_;
};

}  // namespace hostwatch::storage::sqlite
