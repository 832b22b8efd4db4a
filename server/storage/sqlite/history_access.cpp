#include "server/storage/sqlite/history_access.h"

#include <thread>
#include <utility>

namespace hostwatch::storage::sqlite {

/// Memory and database at one moment: a reading that is being filed is in one of the two.
HistoryAccess::Snapshot HistoryAccess::snapshot(const std::string& hostname, std::int64_t from,
                                                std::int64_t to) {
  Snapshot result{readers_.lend(), 0, {}};
  while (true) {
    HostTable::Moment memory = hosts_.moment(hostname, from, to);
    result.host = memory.host;
    result.pending = std::move(memory.pending);
    if (result.host == 0) return result;
    result.reader->statement("BEGIN").exec();
    SQLite::Statement& seen = result.reader->statement("SELECT filings FROM state");
    if (seen.executeStep() && seen.getColumn(0).getInt64() == memory.filings) {
      seen.tryReset();
      return result;
    }
    // A filing came between the two, or is about to be told to memory.
    seen.tryReset();
    result.reader->statement("COMMIT").exec();
    std::this_thread::yield();
  }
}

HistoryReader HistoryAccess::reader_of(Snapshot& moment) {
  return {*moment.reader, codec_, moment.host, [this](Level level, std::int64_t id, const std::string& what) {
            damages_.report(level, id, what);
          }};
}

std::uint64_t HistoryAccess::count(std::string_view hostname, std::int64_t from, std::int64_t to,
                                   std::uint64_t limit) {
  try {
    Snapshot moment = snapshot(std::string(hostname), from, to);
    if (moment.host == 0) return 0;
    HistoryReader reader = reader_of(moment);
    return reader.count(from, to, std::move(moment.pending), limit);
  } catch (const SQLite::Exception& error) {
    throw StoreError(std::string("the database cannot be read: ") + error.what());
  }
}

void HistoryAccess::read(const ReadRequest& request, const PartVisitor& visit) {
  if (request.from > request.to) return;
  try {
    Snapshot moment = snapshot(request.hostname, request.from, request.to);
    if (moment.host == 0) return;
    HistoryReader reader = reader_of(moment);
    reader.read(request, std::move(moment.pending), visit);
  } catch (const SQLite::Exception& error) {
    throw StoreError(std::string("the database cannot be read: ") + error.what());
  }
}

}  // namespace hostwatch::storage::sqlite
