// CredentialStore: what the command line changes while a server runs, for the server's log.
#include <utility>

#include "server/auth/admission_table.h"
#include "server/auth/credential_store.h"

namespace hostwatch::auth {
namespace {

constexpr std::size_t kMostChanges = 100;

std::string described(const Token& token) {
  return "token " + std::to_string(token.id) + " '" + token.name + "' (" + std::string(name_of(token.scope)) +
         ")";
}

/// Nothing of one that waits: no command decides that.
std::string described(const Admission& one) {
  const std::string agent = one.identity.empty() ? "any agent" : "agent " + one.identity;
  if (one.standing == Standing::allowed) return agent + " was allowed as host '" + one.host + "'";
  return "host '" + one.host + "' was shut out";
}

}  // namespace

/// Agents are allowed by people or by commands: which these were is in the table.
CredentialStore::Decisions CredentialStore::decisions_by_command() {
  Decisions all;
  for (const Admission& one : all_admissions(*database_, 0)) {
    if (one.by == kMadeByCommand) all.emplace(described(one), one.since);
  }
  return all;
}

CredentialStore::Known CredentialStore::known() const {
  Known all;
  const std::shared_lock lock(mutex_);
  for (const auto& [digest, token] : tokens_.all()) all.tokens.emplace(token.id, described(token));
  all.users = users_;
  return all;
}

/// With database_mutex_ held.
void CredentialStore::note_changes(const Known& before, const Known& after) {
  const auto note = [this](std::string text) {
    if (changes_.size() < kMostChanges) changes_.push_back(std::move(text));
  };
  for (const auto& [id, text] : after.tokens) {
    if (!before.tokens.contains(id)) note(text + " was made");
  }
  for (const auto& [id, text] : before.tokens) {
    if (!after.tokens.contains(id)) note(text + " was revoked");
  }
  for (const auto& [id, user] : after.users) {
    const auto old = before.users.find(id);
    if (old == before.users.end()) {
      note("user '" + user.name + "' was added" + (user.is_admin ? ", an administrator" : ""));
    } else if (old->second.password_hash != user.password_hash) {
      note("the password of user '" + user.name + "' was set");
    }
  }
  for (const auto& [id, user] : before.users) {
    if (!after.users.contains(id)) note("user '" + user.name + "' was removed");
  }
  Decisions decided = decisions_by_command();
  for (const auto& one : decided) {
    if (!decisions_.contains(one)) note(one.first);
  }
  decisions_ = std::move(decided);
}

std::vector<std::string> CredentialStore::take_changes(std::int64_t now) {
  refresh(now);
  const std::lock_guard database(database_mutex_);
  return std::exchange(changes_, {});
}

}  // namespace hostwatch::auth
