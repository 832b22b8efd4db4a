// CredentialStore: people and their sessions.
#include <algorithm>

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

bool CredentialStore::add_user(const User& user) {
  const std::lock_guard database(database_mutex_);
  const bool added = write([&] {
    SQLite::Statement insert(*database_,
                             "INSERT OR IGNORE INTO user (name, is_admin, password) VALUES (?, ?, ?)");
    insert.bind(1, user.name);
    insert.bind(2, user.is_admin ? 1 : 0);
    insert.bind(3, user.password_hash);
    return insert.exec() > 0;
  });
  if (added) after_write([this] { load(); });
  return added;
}

bool CredentialStore::add_first_user(const User& user) {
  const std::lock_guard database(database_mutex_);
  const bool added = write([&] {
    SQLite::Statement insert(
        *database_,
        "INSERT INTO user (name, is_admin, password) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM user)");
    insert.bind(1, user.name);
    insert.bind(2, user.is_admin ? 1 : 0);
    insert.bind(3, user.password_hash);
    return insert.exec() > 0;
  });
  if (added) after_write([this] { load(); });
  return added;
}

bool CredentialStore::set_password(std::string_view name, const std::string& hash, const Digest* kept) {
  const std::lock_guard database(database_mutex_);
  const bool changed = write([&] {
    SQLite::Statement update(*database_, "UPDATE user SET password = ? WHERE name = ?");
    update.bind(1, hash);
    update.bind(2, std::string(name));
    if (update.exec() == 0) return false;
    SQLite::Statement end(
        *database_,
        "DELETE FROM session WHERE user = (SELECT id FROM user WHERE name = ?) AND digest IS NOT ?");
    end.bind(1, std::string(name));
    if (kept != nullptr) bind_digest(end, 2, *kept);
    end.exec();
    return true;
  });
  if (changed) after_write([this] { load(); });
  return changed;
}

bool CredentialStore::remove_user(std::string_view name) {
  const std::lock_guard database(database_mutex_);
  const bool removed = write([&] {
    SQLite::Statement remove(*database_, "DELETE FROM user WHERE name = ?");
    remove.bind(1, std::string(name));
    return remove.exec() > 0;
  });
  if (removed) after_write([this] { load(); });
  return removed;
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
