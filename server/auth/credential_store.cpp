#include "server/auth/credential_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "server/auth/statement.h"

namespace hostwatch::auth {
namespace {

constexpr int kApplicationId = 0x48574352;  // "HWCR"
constexpr int kSchemaVersion = 1;
constexpr int kBusyTimeoutMilliseconds = 5000;

constexpr const char* kTables =
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

/// For its owner alone, before SQLite writes a byte; its journal gets the same mode.
std::unique_ptr<SQLite::Database> open_file(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  if (!std::filesystem::exists(path, ignored)) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) throw CredentialError("cannot write '" + path + "': " + std::strerror(errno));
    ::close(fd);
  }
  return std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE, kBusyTimeoutMilliseconds);
}

}  // namespace

CredentialStore::CredentialStore(const std::string& path) {
  try {
    database_ = open_file(path);
    database_->exec(
        "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON; PRAGMA "
        "secure_delete=ON");
    const int application = database_->execAndGet("PRAGMA application_id").getInt();
    const int version = database_->execAndGet("PRAGMA user_version").getInt();
    const bool is_empty = database_->execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
    if (!is_empty && application != kApplicationId) {
      throw CredentialError("'" + path + "' is no file of credentials; choose another with --credentials");
    }
    if (version > kSchemaVersion) {
      throw CredentialError("'" + path + "' was written by a newer hostwatch-server; run that version");
    }
    create_tables();
    load();
  } catch (const SQLite::Exception& error) {
    throw CredentialError("cannot open the file of credentials '" + path + "': " + error.what());
  }
}

CredentialStore::~CredentialStore() = default;

void CredentialStore::create_tables() {
  write([this] {
    // Asked inside the transaction: two programs may start at once.
    if (database_->execAndGet("PRAGMA user_version").getInt() == 0) {
      database_->exec(kTables);
      database_->exec("PRAGMA application_id=" + std::to_string(kApplicationId));
      database_->exec("PRAGMA user_version=" + std::to_string(kSchemaVersion));
      SQLite::Statement key(*database_, "INSERT INTO setting VALUES ('signing_key', ?)");
      key.bind(1, new_secret());
      key.exec();
    }
    return true;
  });
  SQLite::Statement key(*database_, "SELECT value FROM setting WHERE name = 'signing_key'");
  if (!key.executeStep()) throw CredentialError("the file of credentials has lost its key");
  signing_key_ = key.getColumn(0).getString();
}

std::int64_t CredentialStore::data_version() {
  return database_->execAndGet("PRAGMA data_version").getInt64();
}

void CredentialStore::load() {
  std::map<Digest, Token> tokens;
  std::map<Digest, Session> sessions;
  std::map<std::int64_t, User> users;
  // In one transaction: all of one moment. Before it the version, so that a change in between is read again.
  version_ = data_version();
  SQLite::Transaction transaction(*database_);
  Digest digest{};
  SQLite::Statement token(
      *database_,
      "SELECT digest, id, name, scope, host, identity, created, last_used, expires, uses_left FROM token");
  while (token.executeStep()) {
    const auto scope = scope_named(token.getColumn(3).getString());
    if (!read_digest(token.getColumn(0), digest) || !scope) continue;
    Token& one = tokens[digest];
    one = {token.getColumn(1).getInt64(),  token.getColumn(2).getString(), *scope,
           token.getColumn(4).getString(), token.getColumn(5).getString(), token.getColumn(6).getInt64(),
           token.getColumn(7).getInt64(),  token.getColumn(8).getInt64(),  {}};
    if (!token.getColumn(9).isNull()) one.uses_left = token.getColumn(9).getInt64();
  }
  SQLite::Statement user(*database_, "SELECT id, name, is_admin, password FROM user");
  while (user.executeStep()) {
    const std::int64_t id = user.getColumn(0).getInt64();
    users[id] = {id, user.getColumn(1).getString(), user.getColumn(2).getInt() != 0,
                 user.getColumn(3).getString()};
  }
  SQLite::Statement session(*database_, "SELECT digest, user, created, last_used FROM session");
  while (session.executeStep()) {
    if (!read_digest(session.getColumn(0), digest)) continue;
    sessions[digest] = {session.getColumn(1).getInt64(), session.getColumn(2).getInt64(),
                        session.getColumn(3).getInt64()};
  }
  const std::unique_lock lock(mutex_);
  // When they were last used is known better here than in the file.
  for (auto& [key, one] : tokens) {
    if (const auto known = tokens_.find(key); known != tokens_.end()) {
      one.last_used = std::max(one.last_used, known->second.last_used);
    }
  }
  for (auto& [key, one] : sessions) {
    if (const auto known = sessions_.find(key); known != sessions_.end()) {
      one.last_used = std::max(one.last_used, known->second.last_used);
    }
  }
  tokens_ = std::move(tokens);
  sessions_ = std::move(sessions);
  users_ = std::move(users);
}

/// Reads the file again if another program has changed it; looks once a second.
void CredentialStore::refresh(std::int64_t now) {
  {
    const std::shared_lock lock(mutex_);
    if (refreshed_ == now) return;
  }
  const std::unique_lock database(database_mutex_, std::try_to_lock);
  if (!database) return;  // somebody is at it; what is known is a second old
  try {
    if (data_version() != version_) load();
  } catch (const SQLite::Exception& error) {
    throw CredentialError(std::string("the file of credentials cannot be read: ") + error.what());
  }
  const std::unique_lock lock(mutex_);
  refreshed_ = now;
}

std::optional<Token> CredentialStore::find_token(const Digest& digest, std::int64_t now) {
  refresh(now);
  const std::shared_lock lock(mutex_);
  const auto found = tokens_.find(digest);
  if (found == tokens_.end()) return std::nullopt;
  return found->second;
}

std::optional<Token> CredentialStore::use_token(const Digest& digest, std::int64_t now) {
  auto token = find_token(digest, now);
  if (token && token->last_used != now) {
    const std::unique_lock lock(mutex_);
    if (const auto found = tokens_.find(digest); found != tokens_.end()) found->second.last_used = now;
  }
  return token;
}

std::vector<Token> CredentialStore::tokens(std::int64_t now) {
  refresh(now);
  std::vector<Token> all;
  const std::shared_lock lock(mutex_);
  for (const auto& [digest, token] : tokens_) all.push_back(token);
  std::sort(all.begin(), all.end(), [](const Token& a, const Token& b) { return a.id < b.id; });
  return all;
}

Token CredentialStore::add_token(Token token, const Digest& digest) {
  const std::lock_guard database(database_mutex_);
  token.id = write([&] {
    SQLite::Statement insert(
        *database_,
        "INSERT INTO token (digest, name, scope, host, identity, created, last_used, expires, uses_left)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_digest(insert, 1, digest);
    insert.bind(2, token.name);
    insert.bind(3, std::string(name_of(token.scope)));
    insert.bind(4, token.host);
    insert.bind(5, token.identity);
    insert.bind(6, token.created);
    insert.bind(7, token.last_used);
    insert.bind(8, token.expires);
    if (token.uses_left) insert.bind(9, *token.uses_left);
    insert.exec();
    return database_->getLastInsertRowid();
  });
  const std::unique_lock lock(mutex_);
  tokens_[digest] = token;
  return token;
}

bool CredentialStore::remove_token(std::int64_t id) {
  const std::lock_guard database(database_mutex_);
  const bool removed = write([&] {
    SQLite::Statement remove(*database_, "DELETE FROM token WHERE id = ?");
    remove.bind(1, id);
    return remove.exec() > 0;
  });
  const std::unique_lock lock(mutex_);
  std::erase_if(tokens_, [id](const auto& one) { return one.second.id == id; });
  return removed;
}

void CredentialStore::remove_tokens_of(std::string_view host) {
  const std::lock_guard database(database_mutex_);
  const auto is_of_host = [host](const auto& one) {
    return one.second.scope == Scope::agent && one.second.host == host;
  };
  {
    const std::shared_lock lock(mutex_);
    if (std::none_of(tokens_.begin(), tokens_.end(), is_of_host)) return;
  }
  write([&] {
    SQLite::Statement remove(*database_, "DELETE FROM token WHERE host = ? AND scope = 'agent'");
    remove.bind(1, std::string(host));
    return remove.exec();
  });
  const std::unique_lock lock(mutex_);
  std::erase_if(tokens_, is_of_host);
}

Enrollment CredentialStore::enroll(const Digest& enrollment_token, const std::string& host,
                                   const std::string& identity, const Digest& digest, std::int64_t now) {
  refresh(now);
  const std::lock_guard database(database_mutex_);
  Token made;
  made.name = host;
  made.scope = Scope::agent;
  made.host = host;
  made.identity = identity;
  made.created = now;
  bool is_first = false;
  const Enrollment result = write([&] {
    // Read from the file, not from memory: the last use of a token may be taken by another program.
    SQLite::Statement find(*database_,
                           "SELECT id, expires, uses_left FROM token WHERE digest = ? AND scope = 'enroll'");
    bind_digest(find, 1, enrollment_token);
    if (!find.executeStep()) return Enrollment::refused;
    Token token;
    token.id = find.getColumn(0).getInt64();
    token.expires = find.getColumn(1).getInt64();
    if (!find.getColumn(2).isNull()) token.uses_left = find.getColumn(2).getInt64();
    if (!token.is_valid(now)) return Enrollment::refused;

    SQLite::Statement other(*database_,
                            "SELECT 1 FROM token WHERE host = ? AND scope = 'agent' AND identity <> ?");
    other.bind(1, host);
    other.bind(2, identity);
    if (other.executeStep()) return Enrollment::other_machine;
    SQLite::Statement earlier(*database_,
                              "DELETE FROM token WHERE host = ? AND scope = 'agent' AND identity = ?");
    earlier.bind(1, host);
    earlier.bind(2, identity);
    // Who enrols once more, for its token was lost on the way, has paid for it already.
    is_first = earlier.exec() == 0;
    if (is_first) {
      SQLite::Statement pay(*database_,
                            "UPDATE token SET uses_left = uses_left - 1 WHERE id = ? AND uses_left > 0");
      pay.bind(1, token.id);
      pay.exec();
    }
    SQLite::Statement used(*database_, "UPDATE token SET last_used = ? WHERE id = ?");
    used.bind(1, now);
    used.bind(2, token.id);
    used.exec();
    SQLite::Statement insert(
        *database_,
        "INSERT INTO token (digest, name, scope, host, identity, created, last_used, expires)"
        " VALUES (?, ?, 'agent', ?, ?, ?, 0, 0)");
    bind_digest(insert, 1, digest);
    insert.bind(2, made.name);
    insert.bind(3, made.host);
    insert.bind(4, made.identity);
    insert.bind(5, made.created);
    insert.exec();
    made.id = database_->getLastInsertRowid();
    return Enrollment::done;
  });
  if (result == Enrollment::done) publish_enrollment(enrollment_token, digest, made, is_first);
  return result;
}

/// In memory what enroll() has written; reading all of the file again would take long where thousands enrol.
void CredentialStore::publish_enrollment(const Digest& enrollment_token, const Digest& digest,
                                         const Token& made, bool is_first) {
  const std::unique_lock lock(mutex_);
  std::erase_if(tokens_, [&made](const auto& one) {
    return one.second.scope == Scope::agent && one.second.host == made.host &&
           one.second.identity == made.identity;
  });
  tokens_[digest] = made;
  const auto token = tokens_.find(enrollment_token);
  if (token == tokens_.end()) return;
  token->second.last_used = made.created;
  if (is_first && token->second.uses_left) --*token->second.uses_left;
}

void CredentialStore::save_uses(std::int64_t now) {
  const std::lock_guard database(database_mutex_);
  std::map<Digest, Token> tokens;
  std::map<Digest, Session> sessions;
  {
    const std::unique_lock lock(mutex_);
    std::erase_if(sessions_, [now](const auto& one) { return !one.second.is_valid(now); });
    tokens = tokens_;
    sessions = sessions_;
  }
  write([&] {
    SQLite::Statement token(*database_, "UPDATE token SET last_used = ? WHERE digest = ? AND last_used < ?1");
    for (const auto& [digest, one] : tokens) {
      token.bind(1, one.last_used);
      bind_digest(token, 2, digest);
      token.exec();
      token.reset();
    }
    SQLite::Statement session(*database_,
                              "UPDATE session SET last_used = ? WHERE digest = ? AND last_used < ?1");
    for (const auto& [digest, one] : sessions) {
      session.bind(1, one.last_used);
      bind_digest(session, 2, digest);
      session.exec();
      session.reset();
    }
    SQLite::Statement over(*database_, "DELETE FROM session WHERE last_used <= ? OR created <= ?");
    over.bind(1, now - Session::kLongestIdle);
    over.bind(2, now - Session::kLongest);
    return over.exec();
  });
}

}  // namespace hostwatch::auth
