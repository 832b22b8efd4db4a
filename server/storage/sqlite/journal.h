#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/upkeep/bookkeeping.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// The table `journal`: a row for each transaction of append(), in order of arrival, until its readings are
/// filed. For the writing thread.
class Journal {
 public:
  Journal(Writer& writer, HostTable& hosts, Bookkeeping& bookkeeping)
      : writer_(writer), hosts_(hosts), bookkeeping_(bookkeeping) {}

  /// Inserts the next row, a block of journal_block.h, within the caller's transaction; advance() is for
  /// after it. The bytes must last until the transaction ends.
  void insert(std::string_view block);
  void advance() { ++next_; }
  /// The last row's number, also where it is gone already; 0: there was none.
  std::int64_t last() const { return next_ - 1; }
  /// Deletes the rows up to that number, within the caller's transaction.
  void drop_up_to(std::int64_t number);

  /// Reads the readings back as pending, at start; HostTable's mutex is held. Rows up to `filing_up_to` may
  /// hold some that are filed. Throws SQLite::Exception.
  void replay(std::int64_t filing_up_to);

  /// A row that replay() found damaged is kept apart as a whole; what comes before the damage stays in it.
  void mend();

 private:
  void replay_reading(Host& host, std::int64_t timestamp, std::string_view packed, bool may_be_filed);

  Writer& writer_;
  HostTable& hosts_;
  Bookkeeping& bookkeeping_;
  std::int64_t next_ = 1;
  std::vector<std::int64_t> damaged_;  ///< rows that cannot be read to their end
};

}  // namespace hostwatch::storage::sqlite
