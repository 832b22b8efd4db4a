#include "server/storage/sqlite/upkeep/roll_up_mending.h"

#include <spdlog/spdlog.h>

#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {

bool RollUpMending::run() {
  if (may_have_work_) writer_.in_transaction(Writer::Sync::later, [&] { look_at_next(); });
  return may_have_work_;
}

void RollUpMending::look_at_next() {
  SQLite::Statement& check = writer_.statement("SELECT level, after, mended FROM roll_up_check");
  may_have_work_ = check.executeStep();
  if (!may_have_work_) return;
  const Level level = check.getColumn(0).getInt() == 0 ? Level::raw : Level::minute;
  const std::int64_t after = check.getColumn(1).getInt64();
  std::int64_t mended = check.getColumn(2).getInt64();
  check.reset();
  SQLite::Statement& next = writer_.statement(
      level == Level::raw ? "SELECT id, period, rolled FROM raw_chunk WHERE id > ? ORDER BY id LIMIT 1"
                          : "SELECT id, period, rolled FROM minute_chunk WHERE id > ? ORDER BY id LIMIT 1");
  next.bind(1, after);
  if (!next.executeStep()) {
    if (level == Level::raw) {
      writer_.statement("UPDATE roll_up_check SET level = 1, after = 0").exec();
      return;
    }
    writer_.statement("DELETE FROM roll_up_check").exec();
    if (mended != 0) {
      spdlog::warn(
          "an earlier version had made {} roll-ups of a part of their readings: they are made anew, of "
          "those that are still there",
          mended);
    }
    return;
  }
  const std::int64_t id = next.getColumn(0).getInt64();
  const Leaf leaf{level,          host_of_row(id),
                  low_of_row(id), next.getColumn(1).getInt64(),
                  true,           next.getColumn(2).getInt() != 0};
  next.reset();
  mended += static_cast<std::int64_t>(writer_.compactor().mend_roll_ups(leaf));
  SQLite::Statement& update = writer_.statement("UPDATE roll_up_check SET after = ?, mended = ?");
  update.bind(1, id);
  update.bind(2, mended);
  update.exec();
}

}  // namespace hostwatch::storage::sqlite
