#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/credentials.h"
#include "server/auth/secret.h"

namespace hostwatch::auth {

/// The file of credentials cannot be read or written.
class CredentialError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What came of an attempt to enrol a host.
enum class Enrollment : std::uint8_t {
  done,
  refused,       ///< the enrolment token is unknown, expired, used up or revoked
  other_machine  ///< the host has a token already, made for another agent
};

/// Tokens, users and sessions, in an SQLite file of their own beside the readings (mode 0600): so that a copy
/// of the history holds no credentials, a restored one brings no revoked ones back, and the command line can
/// change them while a server runs. (Two programs may write this file: it has a rollback journal, no
/// write-ahead log, whose known fault with two writers design.md speaks of.)
///
/// All is kept in memory too, where the checks of every request look. Changes by another program are seen
/// within a second. Thread-safe. Everything that writes takes as long as the disk does; throws
/// CredentialError.
class CredentialStore {
 public:
  /// Opens or creates the file.
  explicit CredentialStore(const std::string& path);
  ~CredentialStore();
  CredentialStore(const CredentialStore&) = delete;
  CredentialStore& operator=(const CredentialStore&) = delete;

  // tokens

  /// The token, valid or not; notes that it was used.
  std::optional<Token> use_token(const Digest& digest, std::int64_t now);
  std::optional<Token> find_token(const Digest& digest, std::int64_t now);
  /// All, oldest first.
  std::vector<Token> tokens(std::int64_t now);
  /// Returns it with its number.
  Token add_token(Token token, const Digest& digest);
  bool remove_token(std::int64_t id);
  /// Of a host that is deleted.
  void remove_tokens_of(std::string_view host);

  /// Takes one use of the enrolment token and makes `digest` the host's own token, in one transaction. A
  /// token that the same agent had for that host ends.
  Enrollment enroll(const Digest& enrollment_token, const std::string& host, const std::string& identity,
                    const Digest& digest, std::int64_t now);

  // people

  std::vector<User> users(std::int64_t now);
  std::optional<User> find_user(std::string_view name, std::int64_t now);
  std::optional<User> find_user(std::int64_t id, std::int64_t now);
  /// False if there is one of that name.
  bool add_user(const User& user);
  /// As add_user, but false too if there is any user.
  bool add_first_user(const User& user);
  /// Ends the user's sessions, except `kept`. False if there is none of that name.
  bool set_password(std::string_view name, const std::string& hash, const Digest* kept = nullptr);
  bool remove_user(std::string_view name);

  // sessions

  void add_session(const Digest& digest, const Session& session);
  /// A valid one; notes that it was used.
  std::optional<Session> use_session(const Digest& digest, std::int64_t now);
  void remove_session(const Digest& digest);

  /// A key of this server, made at its first start: for what is signed and not stored.
  const std::string& signing_key() const { return signing_key_; }

  /// Writes down when tokens and sessions were last used, and deletes sessions that are over. To be called
  /// now and then; what was not written when the program dies is only forgotten.
  void save_uses(std::int64_t now);

 private:
  void create_tables();
  void load();
  void refresh(std::int64_t now);
  std::int64_t data_version();
  void publish_enrollment(const Digest& enrollment_token, const Digest& digest, const Token& made,
                          bool is_first);

  /// Runs `work` in a transaction and gives back what it does. With database_mutex_ held.
  template <typename Work>
  auto write(const Work& work) {
    try {
      SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
      auto result = work();
      transaction.commit();
      return result;
    } catch (const SQLite::Exception& error) {
      throw CredentialError(std::string("the file of credentials cannot be written: ") + error.what());
    }
  }

  std::mutex database_mutex_;  ///< taken before mutex_ where both are
  std::unique_ptr<SQLite::Database> database_;
  std::int64_t version_ = 0;  ///< of the file, when it was last read
  std::string signing_key_;

  mutable std::shared_mutex mutex_;
  std::map<Digest, Token> tokens_;
  std::map<Digest, Session> sessions_;
  std::map<std::int64_t, User> users_;
  std::int64_t refreshed_ = 0;
};

}  // namespace hostwatch::auth
