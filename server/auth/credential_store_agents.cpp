// CredentialStore: agents that enrol, and are shut out.
//
// An agent's identity is its own word, so that shutting one out cannot end what an enrolment token is good
// for: who holds one can call itself anything. What holds is the name: while a host is shut out nobody enrols
// under its name, whatever it calls itself; under another name it can be a new host, and no host that is
// there.
#include <algorithm>
#include <initializer_list>

#include "server/auth/admission_table.h"
#include "server/auth/credential_schema.h"
#include "server/auth/credential_store.h"
#include "server/auth/statement.h"

namespace hostwatch::auth {
namespace {

constexpr std::int64_t kAsksAnew = 3600;  ///< seconds until an agent's asking is written down again

/// From the file, not from memory: the last use of a token may be taken by another program.
std::optional<Token> find_enrollment_token(SQLite::Database& database, const Digest& digest) {
  SQLite::Statement find(
      database, std::string("SELECT ") + kTokenColumns + " FROM token WHERE digest = ? AND scope = 'enroll'");
  bind_digest(find, 1, digest);
  if (!find.executeStep()) return std::nullopt;
  return read_token(find);
}

/// Returns its id.
std::int64_t insert_agent_token(SQLite::Database& database, const Digest& digest, const Token& token) {
  SQLite::Statement insert(database,
                           "INSERT INTO token (digest, name, scope, host, identity, created, last_used, "
                           "expires, made_by) VALUES (?, ?, 'agent', ?, ?, ?, 0, 0, ?)");
  bind_digest(insert, 1, digest);
  insert.bind(2, token.name);
  insert.bind(3, token.host);
  insert.bind(4, token.identity);
  insert.bind(5, token.created);
  insert.bind(6, token.made_by);
  insert.exec();
  return database.getLastInsertRowid();
}

}  // namespace

bool CredentialStore::exists(const char* sql, std::initializer_list<std::string> values) {
  return has_row(*database_, sql, values);
}

void CredentialStore::note_heard(const std::string& host, const std::string& identity) {
  const std::lock_guard lock(heard_mutex_);
  Heard& heard = heard_[host];
  if (heard.identity != identity) heard = {identity, false};
}

std::string CredentialStore::last_heard(std::string_view host) {
  const std::lock_guard lock(heard_mutex_);
  const auto found = heard_.find(host);
  return found == heard_.end() ? std::string() : found->second.identity;
}

/// An agent that goes on under another name is not shut out from that one by what is done to its old one.
void CredentialStore::shut_out(const std::string& host, const std::string& identity, const std::string& by,
                               std::int64_t now) {
  const bool goes_on = exists(
      "SELECT 1 FROM token WHERE identity = ? AND identity <> '' AND scope = 'agent' AND host <> ? LIMIT 1",
      {identity, host});
  take_back_allowances(*database_, host);
  put_admission(*database_, {host, goes_on ? "" : identity, Standing::shut_out, now, by});
}

std::optional<Revocation> CredentialStore::revoke_token(std::int64_t id, const std::string& by,
                                                        std::int64_t now, bool may_return) {
  std::optional<Revocation> revoked;
  {
    const std::lock_guard database(database_mutex_);
    revoked = write([&]() -> std::optional<Revocation> {
      // Read from the file, not from memory: it may be another program's.
      SQLite::Statement find(*database_, std::string("SELECT ") + kTokenColumns + " FROM token WHERE id = ?");
      find.bind(1, id);
      if (!find.executeStep()) return std::nullopt;
      auto token = read_token(find);
      find.reset();
      delete_token(*database_, id);
      if (!token) return Revocation{};  // of a scope that only a newer program knows
      const bool is_replaced =
          token->identity.empty() &&
          exists("SELECT 1 FROM token WHERE host = ? AND scope = 'agent' LIMIT 1", {token->host});
      Revocation result{*token, token->scope == Scope::agent && !may_return && !is_replaced};
      if (result.shut_out) shut_out(token->host, token->identity, by, now);
      return result;
    });
    const std::unique_lock lock(mutex_);
    tokens_.erase(id);
  }
  if (revoked && revoked->token.scope != Scope::enroll)
    revoked->made = tokens_made_by(maker_named(revoked->token), now);
  return revoked;
}

bool CredentialStore::has_tokens_of(const std::string& host) const {
  const std::shared_lock lock(mutex_);
  return tokens_.has_host(host);
}

bool CredentialStore::delete_host(const std::string& host, Farewell farewell, const std::string& by,
                                  std::int64_t now) {
  const std::lock_guard database(database_mutex_);
  const std::string heard = last_heard(host);
  const bool is_shut_out = write([&] {
    auto agents = texts_of(*database_,
                           "SELECT DISTINCT identity FROM token WHERE host = ? AND scope = 'agent'", {host});
    change_rows(*database_, "DELETE FROM token WHERE host = ?", {host});
    change_rows(*database_, "DELETE FROM heard_agent WHERE host = ?", {host});
    take_back_allowances(*database_, host);
    change_rows(*database_, "DELETE FROM admission WHERE host = ? AND standing = 'waiting'", {host});
    if (farewell == Farewell::may_return) {
      change_rows(*database_, "DELETE FROM admission WHERE host = ?", {host});
      return false;
    }
    if (agents.empty() && farewell == Farewell::shut_out) agents.push_back(heard);
    for (const std::string& identity : agents) shut_out(host, identity, by, now);
    return exists("SELECT 1 FROM admission WHERE host = ? LIMIT 1", {host});
  });
  {
    const std::lock_guard lock(heard_mutex_);
    if (const auto found = heard_.find(host); found != heard_.end()) heard_.erase(found);
  }
  after_write([&] {
    const std::unique_lock lock(mutex_);
    for (const Digest& digest : tokens_.of_host(host)) tokens_.erase(digest);
  });
  return is_shut_out;
}

/// Bounded. True if something was written.
bool CredentialStore::note_waiting(const EnrollmentWish& wish, std::int64_t now) {
  SQLite::Statement known(*database_,
                          "SELECT 1 FROM admission WHERE host = ? AND identity = ? AND standing = 'waiting' "
                          "AND since > ?");
  known.bind(1, wish.host);
  known.bind(2, wish.identity);
  known.bind(3, now - kAsksAnew);
  if (known.executeStep()) return false;
  const Admission waiting{wish.host, wish.identity, Standing::waiting, now, wish.address};
  put_admission(*database_, waiting);
  drop_surplus_waiting(*database_, waiting);
  return true;
}

/// In a transaction; every question is answered by an index.
EnrollmentResult CredentialStore::judge(const EnrollmentWish& wish, bool is_full, std::int64_t now,
                                        Token& made, bool& replaces_all) {
  const auto token = find_enrollment_token(*database_, wish.token);
  if (!token || !token->is_valid(now)) return {Enrollment::refused};
  forget_old_admissions(*database_, now);
  const bool is_again =
      exists("SELECT 1 FROM token WHERE host = ? AND scope = 'agent' AND identity = ? LIMIT 1",
             {wish.host, wish.identity});
  const bool has_another =
      exists("SELECT 1 FROM token WHERE host = ? AND scope = 'agent' AND identity <> ? LIMIT 1",
             {wish.host, wish.identity});
  const auto is_allowed = [&](const std::string& identity) {
    return exists(
        "SELECT 1 FROM admission WHERE host = ? AND identity = ? AND standing IN ('allowed', 'readmitted')",
        {wish.host, identity});
  };
  const bool is_this_allowed = is_allowed(wish.identity);
  // Whoever comes next takes nobody's place.
  replaces_all = is_this_allowed || (!has_another && is_allowed(""));
  if (!is_this_allowed && exists("SELECT 1 FROM admission WHERE identity = ? AND standing = 'shut_out' LIMIT 1",
                           {wish.identity})) {
    return {Enrollment::shut_out};
  }
  if (!replaces_all) {
    if (!is_again && exists("SELECT 1 FROM admission WHERE lower(rtrim(host, '.')) = lower(rtrim(?, '.')) "
                            "AND standing = 'shut_out' LIMIT 1",
                            {wish.host})) {
      return {Enrollment::shut_out, note_waiting(wish, now)};
    }
    if (has_another) return {Enrollment::other_machine, note_waiting(wish, now)};
    if (!is_again && wish.is_host_known && last_heard(wish.host) != wish.identity) {
      return {Enrollment::not_known, note_waiting(wish, now)};
    }
  }
  if (!is_again && is_full) return {Enrollment::full};
  exchange(wish, token->id, is_again, replaces_all, now, made);
  return {Enrollment::done, true};
}

void CredentialStore::exchange(const EnrollmentWish& wish, std::int64_t enrollment_token, bool is_again,
                               bool replaces_all, std::int64_t now, Token& made) {
  if (replaces_all) {
    change_rows(*database_, "DELETE FROM token WHERE host = ? AND scope = 'agent'", {wish.host});
  } else {
    change_rows(*database_, "DELETE FROM token WHERE host = ? AND scope = 'agent' AND identity = ?",
                {wish.host, wish.identity});
  }
  change_rows(*database_, "DELETE FROM admission WHERE host = ? AND identity IN (?, '')",
              {wish.host, wish.identity});
  // Where it was shut out as another host, that name stays shut.
  change_rows(*database_,
              "UPDATE OR REPLACE admission SET identity = '' WHERE identity = ? AND standing = 'shut_out'",
              {wish.identity});
  // Who enrols once more, for its token was lost on the way, has paid for it already.
  SQLite::Statement used(*database_,
                         "UPDATE token SET last_used = ?, uses_left = uses_left - ? WHERE id = ?");
  used.bind(1, now);
  used.bind(2, is_again ? 0 : 1);
  used.bind(3, enrollment_token);
  used.exec();
  made.name = wish.host;
  made.scope = Scope::agent;
  made.host = wish.host;
  made.identity = wish.identity;
  made.created = now;
  made.made_by = "token " + std::to_string(enrollment_token);
  made.id = insert_agent_token(*database_, wish.own, made);
}

EnrollmentResult CredentialStore::enroll(const EnrollmentWish& wish, std::int64_t now) {
  refresh(now);
  const std::lock_guard database(database_mutex_);
  bool is_full = !wish.has_room;
  {
    const std::shared_lock lock(mutex_);
    is_full = is_full || (tokens_.hosts() >= wish.most_hosts && !tokens_.has_host(wish.host));
  }
  Token made;
  bool replaces_all = false;
  const EnrollmentResult result = write([&] { return judge(wish, is_full, now, made, replaces_all); });
  if (result.outcome == Enrollment::done) after_write([&] { publish(wish, made, replaces_all); });
  return result;
}

/// In memory what enroll() has written; reading all of the file again would take long where thousands enrol.
void CredentialStore::publish(const EnrollmentWish& wish, const Token& made, bool replaces_all) {
  const std::unique_lock lock(mutex_);
  bool is_again = false;
  for (const Digest& digest : tokens_.of_host(wish.host)) {
    const Token* token = tokens_.find(digest);
    if (token->scope != Scope::agent) continue;
    const bool is_its_own = token->identity == wish.identity;
    is_again = is_again || is_its_own;
    if (is_its_own || replaces_all) tokens_.erase(digest);
  }
  tokens_.put(wish.own, made);
  Token* enrollment = tokens_.find(wish.token);
  if (enrollment == nullptr) return;
  enrollment->last_used = std::max(enrollment->last_used, made.created);
  if (!is_again && enrollment->uses_left) --*enrollment->uses_left;
}

}  // namespace hostwatch::auth
