#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/auth/credentials.h"
#include "server/auth/secret.h"
#include "server/auth/token_table.h"
#include "util/sqlite/sqlite_transaction.h"

namespace hostwatch::auth {

/// The file of credentials cannot be read or written.
class CredentialError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What came of an attempt to enrol a host.
enum class Enrollment : std::uint8_t {
  done,
  refused,        ///< the enrolment token is unknown, expired, used up or revoked
  shut_out,       ///< this agent, or everybody under this name, until an administrator allows it
  other_machine,  ///< the host has a token already, made for another agent; this one waits for permission
  not_known,      ///< the host is there, and this is not the agent last heard as it; it waits for permission
  full            ///< no more hosts are taken
};

/// An agent that wants a token of its own.
struct EnrollmentWish {
  Digest token{};                     ///< of the enrolment token that it shows
  std::string host;                   ///< what it wants to write as
  std::string identity;               ///< what it calls itself, for ever
  std::string address;                ///< where it comes from: told to who lets it in
  Digest own{};                       ///< of the token that it is to have
  bool is_host_known = false;         ///< there is history of that host
  bool has_room = true;               ///< one more host can be watched
  std::size_t most_hosts = SIZE_MAX;  ///< that tokens may be tied to
};

struct EnrollmentResult {
  Enrollment outcome = Enrollment::refused;
  bool has_written = false;  ///< to the disk
};

/// A token that was revoked.
struct Revocation {
  Token token;
  bool shut_out = false;             ///< its agent may not enrol again until an administrator allows it
  std::vector<std::int64_t> made{};  ///< by it, and by those: numbers of tokens that are still good
};

/// What came of letting an agent in.
struct Allowance {
  enum class Outcome : std::uint8_t {
    allowed,
    already,    ///< it may enrol already
    opened,     ///< nobody in particular was shut out: the name is free again for whoever may have it
    unclear,    ///< which one, of those that are shut out, wait or are allowed: it has to be named
    has_agent,  ///< the host has an agent, which is not shut out, and nobody waits
    nobody      ///< nobody is shut out or waits
  };
  Outcome outcome = Outcome::nobody;
  Admission admission{};                ///< if allowed, or already
  std::vector<Admission> candidates{};  ///< if unclear; if allowed by the host's name alone: what it was
};

/// A channel that alarms are told to, as it is stored; what its JSON means is server/delivery's business.
struct ChannelRow {
  std::string name;
  std::string kind;
  std::string definition;
  std::string secrets;  ///< never to be told

  friend bool operator==(const ChannelRow&, const ChannelRow&) = default;
};

/// What becomes of the agents of a host that is deleted.
enum class Farewell : std::uint8_t {
  by_token,   ///< shut out if one of them had a token
  shut_out,   ///< none may enrol under that name, until an administrator allows it
  may_return  ///< they may enrol again
};

/// Tokens, users and sessions, in an SQLite file of their own beside the readings (mode 0600): so that a copy
/// of the history holds no credentials, a restored one brings no revoked ones back, and the command line can
/// change them while a server runs. (Two programs may write this file: it has a rollback journal, as a
/// write-ahead log may be damaged by two writers with SQLite 3.7.0 to 3.51.2.)
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

  /// Why nothing that is written will be there after a restart, and what to do; nothing if it will.
  std::optional<std::string> failure() const;

  // tokens

  /// The token, valid or not; notes that it was used.
  std::optional<Token> use_token(const Digest& digest, std::int64_t now);
  std::optional<Token> find_token(const Digest& digest, std::int64_t now);
  /// All, oldest first.
  std::vector<Token> tokens(std::int64_t now);
  /// Returns it with its number.
  Token add_token(Token token, const Digest& digest);
  /// Nothing if there is none of that number. An agent's token shuts its agent out (see enroll()), unless
  /// `may_return`, or another agent's token of that host was made by hand to follow it. `by`: who revokes it.
  std::optional<Revocation> revoke_token(std::int64_t id, const std::string& by, std::int64_t now,
                                         bool may_return = false);
  /// Numbers of the tokens that `maker` ("user anna") has made and of those that were made with them, as far
  /// as they are good. Not what agents got in exchange for a token to enrol with.
  std::vector<std::int64_t> tokens_made_by(const std::string& maker, std::int64_t now);
  /// Ends what the enrolment file held before it held `kept`. How many these were.
  std::size_t end_former_file_tokens(const Digest& kept);
  /// Tokens that are good and were made while authentication was off; each is given once.
  std::vector<Token> take_tokens_of_anybody(std::int64_t now);

  // agents

  /// Takes one use of the enrolment token and makes `wish.own` the host's token, in one transaction. Tokens
  /// that the same agent had for that host end; if an administrator has let it in, those of others too. It
  /// lets in under a name that is new, or to whoever has that name; under a name that is there and has no
  /// agent's token, to the agent that was last heard as it.
  EnrollmentResult enroll(const EnrollmentWish& wish, std::int64_t now);

  /// Whether there are tokens for that host alone: it has enrolled, or was given one.
  bool has_tokens_of(const std::string& host) const;

  /// Ends the tokens of a host that is deleted, those of programs that write as it too, and forgets who was
  /// heard as it. True if it is shut out now.
  bool delete_host(const std::string& host, Farewell farewell, const std::string& by, std::int64_t now);

  /// Lets an agent in: it may enrol as the host within a day, in the place of an agent that has the name. Who
  /// was allowed as it before is not any more; others that are shut out stay so. `identity`: which one;
  /// empty: the only one that waits or, where the host has no agent, is shut out. Where none is known, but
  /// nobody may enrol under the name, the name alone is free again.
  Allowance allow(const std::string& host, const std::string& identity, const std::string& by,
                  std::int64_t now);

  /// Lets whichever agent comes next in; refused where the host has an agent's token.
  Allowance allow_any(const std::string& host, const std::string& by, std::int64_t now);

  /// Frees the name alone, where nobody in particular is shut out from it, and lets nobody in.
  Allowance open_name(const std::string& host);

  /// Takes back what allow() gave, and forgets who waits. Who was shut out before is so again. `identity`: of
  /// this one alone; empty: of all that would enrol as the host. False if there was nothing.
  bool take_back(const std::string& host, const std::string& identity, std::int64_t now);

  /// Who is shut out, waits and is allowed, by host.
  std::vector<Admission> admissions(std::int64_t now);

  /// Readings of the host came from this agent. Quick; written down by save_uses().
  void note_heard(const std::string& host, const std::string& identity);

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

  // channels

  /// By name, as they are in the file now.
  std::vector<ChannelRow> channels();
  /// Makes or replaces the one of that name.
  void put_channel(const ChannelRow& channel);
  /// False if there was none.
  bool remove_channel(const std::string& name);

  /// A key of this server, made at its first start: for what is signed and not stored.
  const std::string& signing_key() const { return signing_key_; }

  /// What other programs, the command line, have changed since the last call: a line each, for the log.
  /// Bounded.
  std::vector<std::string> take_changes(std::int64_t now);

  /// Writes down which tokens and sessions were used since the last call and which agents were heard, and
  /// deletes sessions that are over. To be called now and then; what was not written when the program dies is
  /// only forgotten.
  void save_uses(std::int64_t now);

 private:
  void create_tables();
  void load();
  void refresh(std::int64_t now);
  std::int64_t data_version();
  /// What is told of if another program changes it.
  struct Known {
    std::map<std::int64_t, std::string> tokens;
    std::map<std::int64_t, User> users;
  };
  using Decisions = std::set<std::pair<std::string, std::int64_t>>;  ///< about agents, and when
  Known known() const;
  Decisions decisions_by_command();
  void note_changes(const Known& before, const Known& after);
  struct Heard {
    std::string identity;
    bool is_written = true;
  };
  struct Uses {
    std::map<Digest, std::int64_t> tokens;
    std::map<Digest, std::int64_t> sessions;
    std::map<std::string, std::string> heard;
  };
  Uses take_uses(std::int64_t now);
  void write_uses(const Uses& uses, std::int64_t now);
  void keep_uses(const Uses& uses);
  std::string last_heard(std::string_view host);

  bool insert_user(const char* sql, User user);

  // With database_mutex_ held, in a transaction.
  std::int64_t id_of_user(std::string_view name);
  bool exists(const char* sql, std::initializer_list<std::string> values);
  Allowance let_in(Admission allowed);
  void shut_out(const std::string& host, const std::string& identity, const std::string& by,
                std::int64_t now);
  bool note_waiting(const EnrollmentWish& wish, std::int64_t now);
  EnrollmentResult judge(const EnrollmentWish& wish, bool is_full, std::int64_t now, Token& made,
                         bool& replaces_all);
  void exchange(const EnrollmentWish& wish, std::int64_t enrollment_token, bool is_again, bool replaces_all,
                std::int64_t now, Token& made);
  void publish(const EnrollmentWish& wish, const Token& made, bool replaces_all);

  /// With database_mutex_ held.
  void look_for_file();

  /// Runs `work` in a transaction and gives back what it does. With database_mutex_ held.
  template <typename Work>
  auto write(const Work& work) {
    try {
      look_for_file();
      if (is_gone_) throw CredentialError(*failure());
      util::SqliteTransaction transaction(*database_, util::SqliteTransaction::Begin::immediate);
      auto result = work();
      transaction.commit();
      return result;
    } catch (const SQLite::Exception& error) {
      throw CredentialError(std::string("the file of credentials cannot be written: ") + error.what());
    }
  }

  /// Brings memory up to what write() has just put into the file. Where memory is wanting for that, the file
  /// is read again at the next look: what is revoked must not go on. With database_mutex_ held.
  template <typename Work>
  void after_write(const Work& work) {
    try {
      work();
    } catch (...) {
      version_ = kUnknownVersion;
      throw;
    }
  }

  static constexpr std::int64_t kUnknownVersion = -1;

  std::mutex database_mutex_;  ///< taken before mutex_ where both are
  std::unique_ptr<SQLite::Database> database_;
  std::string path_;
  std::atomic<bool> is_gone_{false};  ///< the file, when it was last looked for
  std::int64_t version_ = 0;          ///< of the file, when it was last read
  std::string signing_key_;
  // With database_mutex_.
  Decisions decisions_;               ///< that are known
  std::vector<std::string> changes_;  ///< by other programs, not taken yet

  mutable std::shared_mutex mutex_;
  TokenTable tokens_;
  std::map<Digest, Session> sessions_;
  std::set<Digest> used_tokens_;  ///< since save_uses()
  std::set<Digest> used_sessions_;
  std::map<std::int64_t, User> users_;
  std::int64_t refreshed_ = 0;

  std::mutex heard_mutex_;
  std::map<std::string, Heard, std::less<>> heard_;  ///< by host
};

}  // namespace hostwatch::auth
