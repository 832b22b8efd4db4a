#include "server/auth/credential_schema.h"

#include <string>

#include "server/auth/secret.h"

namespace hostwatch::auth {
namespace {

constexpr const char* kVersion1 =
    "CREATE TABLE token (id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, name TEXT NOT "
    "NULL, scope TEXT NOT NULL,"
    " host TEXT NOT NULL, identity TEXT NOT NULL, created INTEGER NOT NULL, last_used INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, uses_left INTEGER) STRICT;"
    "CREATE INDEX token_host ON token (host);"
    "CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, is_admin INTEGER "
    "NOT NULL,"
    " password TEXT NOT NULL) STRICT;"
    "CREATE TABLE session (digest BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES user (id) ON DELETE "
    "CASCADE,"
    " created INTEGER NOT NULL, last_used INTEGER NOT NULL) STRICT;"
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";

/// Version 1 knew the token of the enrolment file by its name alone.
constexpr const char* kVersion2 =
    "ALTER TABLE token ADD COLUMN made_by TEXT NOT NULL DEFAULT '';"
    "UPDATE token SET made_by = 'enrolment file' WHERE scope = 'enroll' AND"
    " name = 'agents that read the enrolment file';"
    "CREATE INDEX token_identity ON token (identity);"
    "CREATE TABLE admission (host TEXT NOT NULL, identity TEXT NOT NULL, standing TEXT NOT NULL,"
    " since INTEGER NOT NULL, decided_by TEXT NOT NULL, PRIMARY KEY (host, identity)) STRICT;"
    "CREATE INDEX admission_identity ON admission (identity);"
    "CREATE TABLE heard_agent (host TEXT PRIMARY KEY, identity TEXT NOT NULL) STRICT;";

/// Here and not in the database, of which there are backups and exports: channels have secrets.
constexpr const char* kVersion3 =
    "CREATE TABLE alert_channel (name TEXT PRIMARY KEY, kind TEXT NOT NULL, definition TEXT NOT NULL,"
    " secrets TEXT NOT NULL) STRICT;";

/// Files of version 2 were made without it, once.
constexpr const char* kLaterIndex =
    "CREATE INDEX IF NOT EXISTS admission_folded ON admission (lower(rtrim(host, '.')))";

void make_signing_key(SQLite::Database& database) {
  SQLite::Statement key(database, "INSERT INTO setting VALUES ('signing_key', ?)");
  key.bind(1, new_secret());
  key.exec();
}

}  // namespace

void bring_up_to_date(SQLite::Database& database) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version == 0) {
    database.exec(kVersion1);
    database.exec("PRAGMA application_id=" + std::to_string(kApplicationId));
    make_signing_key(database);
  }
  if (version < 2) database.exec(kVersion2);
  if (version < kSchemaVersion) {
    database.exec(kVersion3);
    database.exec("PRAGMA user_version=" + std::to_string(kSchemaVersion));
  }
  database.exec(kLaterIndex);
}

std::optional<Token> read_token(SQLite::Statement& row) {
  const auto scope = scope_named(row.getColumn(2).getString());
  if (!scope) return std::nullopt;
  Token token;
  token.id = row.getColumn(0).getInt64();
  token.name = row.getColumn(1).getString();
  token.scope = *scope;
  token.host = row.getColumn(3).getString();
  token.identity = row.getColumn(4).getString();
  token.created = row.getColumn(5).getInt64();
  token.last_used = row.getColumn(6).getInt64();
  token.expires = row.getColumn(7).getInt64();
  if (!row.getColumn(8).isNull()) token.uses_left = row.getColumn(8).getInt64();
  token.made_by = row.getColumn(9).getString();
  return token;
}

bool delete_token(SQLite::Database& database, std::int64_t id) {
  SQLite::Statement remove(database, "DELETE FROM token WHERE id = ?");
  remove.bind(1, id);
  return remove.exec() > 0;
}

}  // namespace hostwatch::auth
