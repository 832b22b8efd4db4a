#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

namespace hostwatch::util {

/// A transaction that is rolled back where it is not committed. SQLite::Transaction would do, but for what
/// its destructor does where SQLite has rolled back by itself, as it may for want of memory: it makes an
/// exception of that, with a text, and where there is no memory for the text either the program ends.
class SqliteTransaction {
 public:
  enum class Begin { deferred, immediate };

  /// Throws SQLite::Exception. `database` must outlive it.
  SqliteTransaction(SQLite::Database& database, Begin begin) : database_(database) {
    // Rolling back may fail, too, for want of memory: then it is done here.
    if (sqlite3_get_autocommit(database_.getHandle()) == 0) database_.exec("ROLLBACK");
    database_.exec(begin == Begin::immediate ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  ~SqliteTransaction() {
    if (sqlite3_get_autocommit(database_.getHandle()) == 0) database_.tryExec("ROLLBACK");
  }
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  /// Throws SQLite::Exception: then it is rolled back.
  void commit() { database_.exec("COMMIT"); }

 private:
  SQLite::Database& database_;
};

}  // namespace hostwatch::util
