#include "server/storage/sqlite/connection.h"

#include <sqlite3.h>

#include "server/storage/sqlite/database.h"

namespace hostwatch::storage::sqlite {

SQLite::Statement& Connection::statement(const char* sql) {
  auto& prepared = statements_[sql];
  if (!prepared) prepared = std::make_unique<SQLite::Statement>(*database_, sql);
  prepared->tryReset();
  return *prepared;
}

void Connection::reset_statements() {
  for (auto& [sql, prepared] : statements_) prepared->tryReset();
}

ReaderPool::Lease ReaderPool::lend() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(connection)};
    }
  }
  return {*this, std::make_unique<Connection>(open_for_reading(path_))};
}

void ReaderPool::close_idle() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

ReaderPool::Lease::~Lease() {
  if (!connection_) return;
  connection_->reset_statements();
  if (sqlite3_get_autocommit(connection_->database().getHandle()) == 0)
    connection_->database().tryExec("COMMIT");
  const std::lock_guard lock(pool_->mutex_);
  pool_->idle_.push_back(std::move(connection_));
}

}  // namespace hostwatch::storage::sqlite
