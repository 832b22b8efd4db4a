#include "server/auth/credential_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "server/auth/credential_schema.h"
#include "server/auth/statement.h"
#include "util/sqlite/file_in_place.h"

namespace hostwatch::auth {
namespace {

constexpr int kBusyTimeoutMilliseconds = 5000;

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

TokenTable read_tokens(SQLite::Database& database) {
  TokenTable tokens;
  Digest digest{};
  SQLite::Statement token(database, std::string("SELECT ") + kTokenColumns + ", digest FROM token");
  while (token.executeStep()) {
    auto one = read_token(token);
    if (one && read_digest(token.getColumn(kTokenColumnCount), digest)) tokens.put(digest, std::move(*one));
  }
  return tokens;
}

std::map<std::int64_t, User> read_users(SQLite::Database& database) {
  std::map<std::int64_t, User> users;
  SQLite::Statement user(database, "SELECT id, name, is_admin, password FROM user");
  while (user.executeStep()) {
    const std::int64_t id = user.getColumn(0).getInt64();
    users[id] = {id, user.getColumn(1).getString(), user.getColumn(2).getInt() != 0,
                 user.getColumn(3).getString()};
  }
  return users;
}

std::map<Digest, Session> read_sessions(SQLite::Database& database) {
  std::map<Digest, Session> sessions;
  Digest digest{};
  SQLite::Statement session(database, "SELECT digest, user, created, last_used FROM session");
  while (session.executeStep()) {
    if (!read_digest(session.getColumn(0), digest)) continue;
    sessions[digest] = {session.getColumn(1).getInt64(), session.getColumn(2).getInt64(),
                        session.getColumn(3).getInt64()};
  }
  return sessions;
}

Session* find_in(std::map<Digest, Session>& sessions, const Digest& digest) {
  const auto found = sessions.find(digest);
  return found == sessions.end() ? nullptr : &found->second;
}

/// When something was last used is known better in memory than in the file. Either may be null.
template <typename Used>
void keep_last_use(const Used* in_memory, Used* read) {
  if (in_memory != nullptr && read != nullptr) {
    read->last_used = std::max(read->last_used, in_memory->last_used);
  }
}

}  // namespace

CredentialStore::CredentialStore(const std::string& path) : path_(path) {
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
    decisions_ = decisions_by_command();
  } catch (const SQLite::Exception& error) {
    throw CredentialError("cannot open the file of credentials '" + path + "': " + error.what());
  }
}

CredentialStore::~CredentialStore() = default;

void CredentialStore::create_tables() {
  write([this] {
    bring_up_to_date(*database_);
    return true;
  });
  SQLite::Statement key(*database_, "SELECT value FROM setting WHERE name = 'signing_key'");
  if (!key.executeStep()) throw CredentialError("the file of credentials has lost its key");
  signing_key_ = key.getColumn(0).getString();
  SQLite::Statement heard(*database_, "SELECT host, identity FROM heard_agent");
  const std::lock_guard lock(heard_mutex_);
  while (heard.executeStep()) {
    heard_[heard.getColumn(0).getString()] = {heard.getColumn(1).getString(), true};
  }
}

std::int64_t CredentialStore::data_version() {
  return database_->execAndGet("PRAGMA data_version").getInt64();
}

void CredentialStore::load() {
  // In one transaction: all of one moment. Before it the version, so that a change in between is read again.
  const std::int64_t version = data_version();
  const util::SqliteTransaction transaction(*database_, util::SqliteTransaction::Begin::deferred);
  TokenTable tokens = read_tokens(*database_);
  std::map<std::int64_t, User> users = read_users(*database_);
  std::map<Digest, Session> sessions = read_sessions(*database_);
  const std::unique_lock lock(mutex_);
  for (const Digest& used : used_tokens_) keep_last_use(tokens_.find(used), tokens.find(used));
  for (const Digest& used : used_sessions_) keep_last_use(find_in(sessions_, used), find_in(sessions, used));
  tokens_ = std::move(tokens);
  sessions_ = std::move(sessions);
  users_ = std::move(users);
  version_ = version;  // at last: what could not be read is not known
}

void CredentialStore::look_for_file() {
  is_gone_ = !util::is_file_in_place(*database_);
}

std::optional<std::string> CredentialStore::failure() const {
  if (!is_gone_) return std::nullopt;
  return "the file of credentials '" + path_ +
         "' was moved or removed while the server runs; put it back, or restart the server to go on with "
         "what is there "
         "now";
}

/// Reads the file again if another program has changed it; looks once a second.
void CredentialStore::refresh(std::int64_t now) {
  {
    const std::shared_lock lock(mutex_);
    if (refreshed_ == now) return;
  }
  const std::unique_lock database(database_mutex_, std::try_to_lock);
  if (!database) return;  // somebody is at it; what is known is a second old
  look_for_file();
  try {
    if (data_version() != version_) {
      const Known before = known();
      load();
      note_changes(before, known());
    }
  } catch (const SQLite::Exception& error) {
    throw CredentialError(std::string("the file of credentials cannot be read: ") + error.what());
  }
  const std::unique_lock lock(mutex_);
  refreshed_ = now;
}

std::optional<Token> CredentialStore::find_token(const Digest& digest, std::int64_t now) {
  refresh(now);
  const std::shared_lock lock(mutex_);
  const Token* found = tokens_.find(digest);
  if (found == nullptr) return std::nullopt;
  return *found;
}

std::optional<Token> CredentialStore::use_token(const Digest& digest, std::int64_t now) {
  auto token = find_token(digest, now);
  if (token && token->last_used != now) {
    const std::unique_lock lock(mutex_);
    if (Token* found = tokens_.find(digest)) {
      found->last_used = now;
      used_tokens_.insert(digest);
    }
  }
  return token;
}

std::vector<Token> CredentialStore::tokens(std::int64_t now) {
  refresh(now);
  std::vector<Token> all;
  {
    const std::shared_lock lock(mutex_);
    all.reserve(tokens_.all().size());
    for (const auto& [digest, token] : tokens_.all()) all.push_back(token);
  }
  std::sort(all.begin(), all.end(), [](const Token& a, const Token& b) { return a.id < b.id; });
  return all;
}

Token CredentialStore::add_token(Token token, const Digest& digest) {
  const std::lock_guard database(database_mutex_);
  token.id = write([&] {
    SQLite::Statement insert(
        *database_,
        "INSERT INTO token (digest, name, scope, host, identity, created, last_used, expires, "
        "uses_left, made_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_digest(insert, 1, digest);
    insert.bind(2, token.name);
    insert.bind(3, std::string(name_of(token.scope)));
    insert.bind(4, token.host);
    insert.bind(5, token.identity);
    insert.bind(6, token.created);
    insert.bind(7, token.last_used);
    insert.bind(8, token.expires);
    if (token.uses_left) insert.bind(9, *token.uses_left);
    insert.bind(10, token.made_by);
    insert.exec();
    return database_->getLastInsertRowid();
  });
  after_write([&] {
    const std::unique_lock lock(mutex_);
    tokens_.put(digest, token);
  });
  return token;
}

std::size_t CredentialStore::end_former_file_tokens(const Digest& kept) {
  const std::lock_guard database(database_mutex_);
  std::vector<std::int64_t> ended;
  write([&] {
    SQLite::Statement find(*database_, "SELECT id FROM token WHERE made_by = ? AND digest <> ?");
    find.bind(1, std::string(kMadeForFile));
    bind_digest(find, 2, kept);
    while (find.executeStep()) ended.push_back(find.getColumn(0).getInt64());
    for (const std::int64_t id : ended) delete_token(*database_, id);
    return true;
  });
  const std::unique_lock lock(mutex_);
  for (const std::int64_t id : ended) tokens_.erase(id);
  return ended.size();
}

std::vector<std::int64_t> CredentialStore::tokens_made_by(const std::string& maker, std::int64_t now) {
  refresh(now);
  std::multimap<std::string, const Token*> by_maker;
  const std::shared_lock lock(mutex_);
  for (const auto& [digest, token] : tokens_.all()) {
    if (!token.made_by.empty() && token.is_valid(now)) by_maker.emplace(token.made_by, &token);
  }
  std::vector<std::int64_t> made;
  std::vector<std::string> makers{maker};
  while (!makers.empty()) {
    const auto [begin, end] = by_maker.equal_range(makers.back());
    makers.pop_back();
    for (auto one = begin; one != end; ++one) {
      made.push_back(one->second->id);
      // What agents got for it is theirs.
      if (one->second->scope != Scope::enroll) makers.push_back(maker_named(*one->second));
    }
  }
  std::sort(made.begin(), made.end());
  return made;
}

std::vector<Token> CredentialStore::take_tokens_of_anybody(std::int64_t now) {
  std::vector<Token> found = tokens(now);
  std::erase_if(found,
                [now](const Token& token) { return !was_made_by_anybody(token) || !token.is_valid(now); });
  if (found.empty()) return found;
  const std::lock_guard database(database_mutex_);
  write([&] {
    SQLite::Statement told(*database_, "SELECT value FROM setting WHERE name = 'told_of_tokens'");
    const std::int64_t last = told.executeStep() ? std::stoll(told.getColumn(0).getString()) : 0;
    std::erase_if(found, [last](const Token& token) { return token.id <= last; });
    if (found.empty()) return false;
    SQLite::Statement tell(*database_, "INSERT OR REPLACE INTO setting VALUES ('told_of_tokens', ?)");
    tell.bind(1, std::to_string(found.back().id));
    return tell.exec() > 0;
  });
  return found;
}

/// What was used since the last time, out of the memory that requests wait for. Where memory is wanting it is
/// there the next time.
CredentialStore::Uses CredentialStore::take_uses(std::int64_t now) {
  Uses uses;
  const std::scoped_lock lock(mutex_, heard_mutex_);
  std::erase_if(sessions_, [now](const auto& one) { return !one.second.is_valid(now); });
  for (const Digest& used : used_tokens_) {
    if (const Token* token = tokens_.find(used)) uses.tokens.emplace(used, token->last_used);
  }
  for (const Digest& used : used_sessions_) {
    if (const auto one = sessions_.find(used); one != sessions_.end())
      uses.sessions.emplace(used, one->second.last_used);
  }
  for (const auto& [host, heard] : heard_) {
    if (!heard.is_written) uses.heard.emplace(host, heard.identity);
  }
  used_tokens_.clear();
  used_sessions_.clear();
  for (auto& [host, heard] : heard_) heard.is_written = true;
  return uses;
}

/// They could not be written: the next time. First what needs no memory.
void CredentialStore::keep_uses(const Uses& uses) {
  {
    const std::lock_guard lock(heard_mutex_);
    for (const auto& [host, identity] : uses.heard) {
      if (const auto found = heard_.find(host); found != heard_.end()) found->second.is_written = false;
    }
  }
  const std::unique_lock lock(mutex_);
  for (const auto& [digest, used] : uses.tokens) used_tokens_.insert(digest);
  for (const auto& [digest, used] : uses.sessions) used_sessions_.insert(digest);
}

void CredentialStore::write_uses(const Uses& uses, std::int64_t now) {
  SQLite::Statement token(*database_, "UPDATE token SET last_used = ? WHERE digest = ? AND last_used < ?1");
  for (const auto& [digest, used] : uses.tokens) {
    token.bind(1, used);
    bind_digest(token, 2, digest);
    token.exec();
    token.reset();
  }
  SQLite::Statement session(*database_,
                            "UPDATE session SET last_used = ? WHERE digest = ? AND last_used < ?1");
  for (const auto& [digest, used] : uses.sessions) {
    session.bind(1, used);
    bind_digest(session, 2, digest);
    session.exec();
    session.reset();
  }
  SQLite::Statement heard(*database_, "INSERT OR REPLACE INTO heard_agent VALUES (?, ?)");
  for (const auto& [host, identity] : uses.heard) {
    heard.bind(1, host);
    heard.bind(2, identity);
    heard.exec();
    heard.reset();
  }
  SQLite::Statement over(*database_, "DELETE FROM session WHERE last_used <= ? OR created <= ?");
  over.bind(1, now - Session::kLongestIdle);
  over.bind(2, now - Session::kLongest);
  over.exec();
}

void CredentialStore::save_uses(std::int64_t now) {
  const std::lock_guard database(database_mutex_);
  const Uses uses = take_uses(now);
  try {
    write([&] {
      write_uses(uses, now);
      return true;
    });
  } catch (...) {
    keep_uses(uses);
    throw;
  }
}

}  // namespace hostwatch::auth
