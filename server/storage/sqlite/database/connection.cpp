#include "server/storage/sqlite/database/connection.h"

#include <sqlite3.h>

#include <iterator>

#include "server/storage/sqlite/database/database.h"

namespace hostwatch::storage::sqlite {

SQLite::Statement& Connection::statement(const char* sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    found = statements_.emplace(sql, std::make_unique<SQLite::Statement>(*database_, sql)).first;
  }
  found->second->tryReset();
  return *found->second;
}

void Connection::reset_statements() {
  for (auto& [sql, prepared] : statements_) prepared->tryReset();
}

ReaderPool::Lease ReaderPool::lend() {
  {
    const util::MutexLock lock(mutex_);
    if (!idle_.empty()) {
      Connections one;
      one.splice(one.end(), idle_, std::prev(idle_.end()));
      return {*this, std::move(one)};
    }
  }
  Connections one;
  one.emplace_back(open_for_reading(path_));
  return {*this, std::move(one)};
}

void ReaderPool::close_idle() {
  const util::MutexLock lock(mutex_);
  idle_.clear();
}

ReaderPool::Lease::~Lease() {
  if (connection_.empty()) return;
  Connection& connection = connection_.front();
  connection.reset_statements();
  sqlite3* handle = connection.database().getHandle();
  if (sqlite3_get_autocommit(handle) == 0) connection.database().tryExec("COMMIT");
  // That may fail for want of memory: the next one would begin within this one's moment.
  if (sqlite3_get_autocommit(handle) == 0) return;
  const util::MutexLock lock(pool_->mutex_);
  pool_->idle_.splice(pool_->idle_.end(), connection_);
}

}  // namespace hostwatch::storage::sqlite
