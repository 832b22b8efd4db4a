// CredentialStore: people and their sessions.
#include <utility>

#include "server/auth/credential_store.h"
#include "server/auth/statement.h"

namespace hostwatch::auth {

std::vector<User> CredentialStore::users(std::int64_t now) {
  refresh(now);
  std::vector<User> all;
  const std::shared_lock lock(mutex_);
  for (const auto& [id, user] : users_) all.push_back(user);
  return all;
}

std::optional<User> CredentialStore::find_user(std::string_view name, std::int64_t now) {
  refresh(now);
  const std::shared_lock lock(mutex_);
  for (const auto& [id, user] : users_) {
    if (user.name == name) return user;
  }
  return std::nullopt;
}

std::optional<User> CredentialStore::find_user(std::int64_t id, std::int64_t now) {
  refresh(now);
  const std::shared_lock lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) return std::nullopt;
  return found->second;
}

/// What others have changed meanwhile is left to refresh(), which tells of it: here, and below, memory gets
/// no more than was written.
bool CredentialStore::insert_user(const char* sql, User user) {
  const std::lock_guard database(database_mutex_);
  const bool added = write([&] {
    SQLite::Statement insert(*database_, sql);
    insert.bind(1, user.name);
    insert.bind(2, user.is_admin ? 1 : 0);
    insert.bind(3, user.password_hash);
    if (insert.exec() == 0) return false;
    user.id = database_->getLastInsertRowid();
    return true;
  });
  if (added) {
    after_write([&] {
      const std::unique_lock lock(mutex_);
      users_[user.id] = std::move(user);
    });
  }
  return added;
}

bool CredentialStore::add_user(const User& user) {
  return insert_user("INSERT OR IGNORE INTO user (name, is_admin, password) VALUES (?, ?, ?)", user);
}

bool CredentialStore::add_first_user(const User& user) {
  return insert_user(
      "INSERT INTO user (name, is_admin, password) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM user)",
      user);
}

/// 0: there is none.
std::int64_t CredentialStore::id_of_user(std::string_view name) {
  SQLite::Statement find(*database_, "SELECT id FROM user WHERE name = ?");
  find.bind(1, std::string(name));
  return find.executeStep() ? find.getColumn(0).getInt64() : 0;
}

bool CredentialStore::set_password(std::string_view name, const std::string& hash, const Digest* kept) {
  const std::lock_guard database(database_mutex_);
  const std::int64_t id = write([&] {
    const std::int64_t found = id_of_user(name);
    SQLite::Statement update(*database_, "UPDATE user SET password = ? WHERE id = ?");
    update.bind(1, hash);
    update.bind(2, found);
    update.exec();
    SQLite::Statement end(*database_, "DELETE FROM session WHERE user = ? AND digest IS NOT ?");
    end.bind(1, found);
    if (kept != nullptr) bind_digest(end, 2, *kept);
    end.exec();
    return found;
  });
  if (id == 0) return false;
  after_write([&] {
    const std::unique_lock lock(mutex_);
    if (const auto user = users_.find(id); user != users_.end()) user->second.password_hash = hash;
    std::erase_if(sessions_, [id, kept](const auto& one) {
      return one.second.user == id && (kept == nullptr || one.first != *kept);
    });
  });
  return true;
}

bool CredentialStore::remove_user(std::string_view name) {
  const std::lock_guard database(database_mutex_);
  const std::int64_t id = write([&] {
    const std::int64_t found = id_of_user(name);
    SQLite::Statement remove(*database_, "DELETE FROM user WHERE id = ?");  // and their sessions
    remove.bind(1, found);
    remove.exec();
    return found;
  });
  const std::unique_lock lock(mutex_);
  users_.erase(id);
  std::erase_if(sessions_, [id](const auto& one) { return one.second.user == id; });
  return id != 0;
}

void CredentialStore::add_session(const Digest& digest, const Session& session) {
  const std::lock_guard database(database_mutex_);
  write([&] {
    SQLite::Statement insert(*database_, "INSERT INTO session VALUES (?, ?, ?, ?)");
    bind_digest(insert, 1, digest);
    insert.bind(2, session.user);
    insert.bind(3, session.created);
    insert.bind(4, session.last_used);
    return insert.exec();
  });
  after_write([&] {
    const std::unique_lock lock(mutex_);
    sessions_[digest] = session;
  });
}

std::optional<Session> CredentialStore::use_session(const Digest& digest, std::int64_t now) {
  refresh(now);
  const std::unique_lock lock(mutex_);
  const auto found = sessions_.find(digest);
  if (found == sessions_.end() || !found->second.is_valid(now)) return std::nullopt;
  if (now > found->second.last_used) {
    found->second.last_used = now;
    used_sessions_.insert(digest);
  }
  return found->second;
}

void CredentialStore::remove_session(const Digest& digest) {
  const std::lock_guard database(database_mutex_);
  write([&] {
    SQLite::Statement remove(*database_, "DELETE FROM session WHERE digest = ?");
    bind_digest(remove, 1, digest);
    return remove.exec();
  });
  const std::unique_lock lock(mutex_);
  sessions_.erase(digest);
}

}  // namespace hostwatch::auth
