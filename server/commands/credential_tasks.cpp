#include "server/commands/credential_tasks.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string_view>

#include "protocol/names.h"
#include "server/auth/credential_store.h"
#include "server/auth/password.h"
#include "util/text/counted.h"
#include "util/text/text.h"

namespace hostwatch::server {
namespace {

std::string date_text(std::int64_t time, const char* otherwise) {
  if (time == 0) return otherwise;
  const auto seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&seconds, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts);
  return text.data();
}

/// A line of standard input; what is typed is not shown.
std::string read_line_unseen(const char* prompt) {
  termios shown{};
  const bool is_terminal = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  if (is_terminal) {
    std::cerr << prompt << std::flush;
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  std::string line;
  std::getline(std::cin, line);
  if (is_terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::cerr << "\n";
  }
  // A file that is read instead may have been written by an editor.
  std::string_view text = util::without_byte_order_mark(line);
  while (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

std::string read_password() {
  const std::string password = read_line_unseen("Password: ");
  if (const auto why = auth::why_not_password(password)) throw std::runtime_error(*why);
  if (::isatty(STDIN_FILENO) == 1 && read_line_unseen("Again: ") != password) {
    throw std::runtime_error("the two passwords differ");
  }
  return auth::hash_password(password);
}

void check_name(const char* what, const std::string& name) {
  if (const auto why = protocol::why_not_host_name(name))
    throw std::runtime_error(std::string(what) + " " + *why);
}

/// A line for each agent that is shut out, waits or is allowed.
void list_agents(const std::vector<auth::Admission>& agents) {
  if (agents.empty()) return;
  std::cout << "\n"
            << std::setw(10) << "AGENT IS" << std::setw(18) << "SINCE" << std::setw(34) << "BY, OR FROM"
            << std::setw(34) << "AGENT"
            << "HOST\n";
  for (const auth::Admission& one : agents) {
    std::string standing(auth::name_of(one.standing));
    std::replace(standing.begin(), standing.end(), '_', ' ');
    std::cout << std::setw(10) << standing << std::setw(18) << date_text(one.since, "-") << std::setw(34)
              << one.by << std::setw(34) << (one.identity.empty() ? "any" : one.identity) << one.host << "\n";
  }
}

int list_tokens(auth::CredentialStore& store, std::int64_t now) {
  std::cout << std::left << std::setw(6) << "ID" << std::setw(8) << "SCOPE" << std::setw(18) << "CREATED"
            << std::setw(18) << "LAST USED" << std::setw(18) << "EXPIRES" << std::setw(6) << "USES"
            << std::setw(20) << "HOST" << std::setw(20) << "MADE BY"
            << "NAME\n";
  for (const auth::Token& token : store.tokens(now)) {
    std::cout << std::setw(6) << token.id << std::setw(8) << auth::name_of(token.scope) << std::setw(18)
              << date_text(token.created, "-") << std::setw(18) << date_text(token.last_used, "never")
              << std::setw(18) << (token.is_valid(now) ? date_text(token.expires, "never") : "is over")
              << std::setw(6) << (token.uses_left ? std::to_string(*token.uses_left) : "-") << std::setw(20)
              << (token.host.empty() ? "-" : token.host) << std::setw(20)
              << (token.made_by.empty() ? "-" : token.made_by) << " " << token.name << "\n";
  }
  list_agents(store.admissions(now));
  std::cerr << "(a running server writes down every five minutes when tokens were used)\n";
  return 0;
}

std::string joined(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

/// Of an enrolment token that an agent's own was exchanged for, and that is still good.
void log_enrollment(auth::CredentialStore& store, const auth::Token& revoked, std::int64_t now) {
  for (const auth::Token& token : store.tokens(now)) {
    if (auth::maker_named(token) != revoked.made_by || !token.is_valid(now)) continue;
    std::cout << "token " << token.id << " '" << token.name
              << "', which it has enrolled with, is still good: whoever has that machine can add hosts under "
                 "other names until it is revoked too\n";
  }
}

int revoke_tokens(auth::CredentialStore& store, const CredentialCommand& command, std::int64_t now) {
  for (const std::int64_t id : command.ids) {
    const auto revoked = store.revoke_token(id, std::string(auth::kMadeByCommand), now, command.may_return);
    if (!revoked) throw std::runtime_error("there is no token of the number " + std::to_string(id));
    std::cout << "revoked token " << id << "; a running server knows it within a second\n";
    if (revoked->shut_out) {
      std::cout << "host '" << revoked->token.host
                << "' is shut out: no agent enrols as it until `token allow " << revoked->token.host << "`\n";
      log_enrollment(store, revoked->token, now);
    }
    if (!revoked->made.empty())
      std::cout << "it has made tokens that are still good: " << joined(revoked->made) << "\n";
  }
  return 0;
}

/// The identity that `beginning` is one of, among the agents that are settled or wait.
std::string agent_named(auth::CredentialStore& store, const std::string& beginning, std::int64_t now) {
  std::set<std::string> found;
  for (const auth::Admission& one : store.admissions(now)) {
    if (!one.identity.empty() && one.identity.starts_with(beginning)) found.insert(one.identity);
  }
  if (found.size() == 1) return *found.begin();
  throw std::runtime_error("--agent: " + std::string(found.empty() ? "none" : "more than one") +
                           " that is listed begins so");
}

std::string shown_agent(const std::string& identity) {
  return identity.empty() ? "the next agent, whichever it is," : "agent " + identity;
}

/// What `token allow` says of one that has to be named.
std::string describe_candidates(const std::string& host, const std::vector<auth::Admission>& candidates) {
  std::string text =
      candidates.size() > 1
          ? "more than one agent is concerned by '" + host + "'; name one with --agent:"
          : "'" + host + "' has another agent by now, or another name; to let this one in use --agent:";
  for (const auth::Admission& one : candidates) {
    text += "\n  " + one.identity;
    if (one.standing == auth::Standing::waiting) text += " waits, from " + one.by;
    if (one.standing == auth::Standing::shut_out) text += " is shut out, by " + one.by;
    if (one.host != host) text += " as '" + one.host + "'";
    if (one.standing == auth::Standing::allowed) text += " may enrol already, by " + one.by;
    text += ", since " + date_text(one.since, "-") + " UTC";
  }
  return text;
}

void allow_agent(auth::CredentialStore& store, const CredentialCommand& command, const std::string& host,
                 const std::string& agent, std::int64_t now) {
  using Outcome = auth::Allowance::Outcome;
  const std::string by(auth::kMadeByCommand);
  const auth::Allowance result =
      command.any ? store.allow_any(host, by, now) : store.allow(host, agent, by, now);
  switch (result.outcome) {
    case Outcome::allowed:
      for (const auth::Admission& one : result.candidates) {
        if (one.standing == auth::Standing::waiting) std::cout << "from " << one.by << ": ";
      }
      std::cout << shown_agent(result.admission.identity) << " may enrol as '" << host
                << "' within a day, with a token to enrol with that is still good\n";
      return;
    case Outcome::already:
      std::cout << shown_agent(result.admission.identity) << " may enrol as '" << host << "' already, until "
                << date_text(result.admission.since + auth::Admission::kAllowedFor, "-") << " UTC\n";
      return;
    case Outcome::opened:
      std::cout << "'" << host
                << "' is not shut out any more; an agent that it is not new for waits once more\n";
      return;
    case Outcome::unclear:
      throw std::runtime_error(describe_candidates(host, result.candidates));
    case Outcome::has_agent:
      throw std::runtime_error("'" + host + "' has an agent, and no other one waits for permission");
    case Outcome::nobody:
      throw std::runtime_error(
          "nobody is shut out from '" + host +
          "' or waits for it: see `token list`; --any allows whichever agent comes next");
  }
}

int allow_agents(auth::CredentialStore& store, const CredentialCommand& command, std::int64_t now) {
  const std::string agent = command.agent.empty() ? "" : agent_named(store, command.agent, now);
  for (const std::string& host : command.hosts) {
    check_name("the host's name", host);
    allow_agent(store, command, host, agent, now);
  }
  return 0;
}

int disallow_agents(auth::CredentialStore& store, const CredentialCommand& command, std::int64_t now) {
  const std::string agent = command.agent.empty() ? "" : agent_named(store, command.agent, now);
  for (const std::string& host : command.hosts) {
    if (!store.take_back(host, agent, now)) {
      throw std::runtime_error("nobody is allowed as '" + host + "' or waits for it: see `token list`");
    }
    std::cout << "nobody waits for '" << host << "' any more, and no agent is allowed as it"
              << (agent.empty() ? "" : " under that identity")
              << "; an agent that still asks waits again, one that was shut out is so again\n";
  }
  return 0;
}

/// What whoever removes the last one has to know.
void warn_of_nobody_left(auth::CredentialStore& store, std::int64_t now) {
  const auto users = store.users(now);
  if (users.empty()) {
    std::cerr
        << "nobody can sign in any more: `user add NAME` adds somebody; a running server's log has a new "
           "address to set up the first administrator at within ten seconds\n";
  } else if (std::none_of(users.begin(), users.end(), [](const auth::User& user) { return user.is_admin; })) {
    std::cerr << "there is no administrator any more: `user add NAME` adds one\n";
  }
}

int remove_user(auth::CredentialStore& store, const CredentialCommand& command, std::int64_t now) {
  if (!store.remove_user(command.name)) throw std::runtime_error("there is no user of that name");
  std::cout << "removed '" << command.name << "'\n";
  warn_of_nobody_left(store, now);
  const auto made = store.tokens_made_by("user " + command.name, now);
  if (made.empty()) return 0;
  if (!command.revoke_tokens) {
    std::cout << util::counted(made.size(), "token") << " that '" << command.name << "' made "
              << (made.size() == 1 ? "is" : "are") << " still good: " << joined(made)
              << "; --revoke-tokens would have ended them, `token revoke` does\n";
    return 0;
  }
  for (const std::int64_t id : made) store.revoke_token(id, std::string(auth::kMadeByCommand), now);
  std::cout << "revoked the tokens that '" << command.name << "' made: " << joined(made) << "\n";
  return 0;
}

int create_token(auth::CredentialStore& store, const CredentialCommand& command, std::int64_t now) {
  auth::Token token;
  check_name("the token's name", command.name);
  token.name = command.name;
  token.scope = auth::scope_named(command.scope).value();  // checked with the options
  token.host = command.host;
  token.created = now;
  token.made_by = auth::kMadeByCommand;
  if (!token.host.empty()) check_name("--host", token.host);
  if (!command.expires.empty()) token.expires = now + parse_duration(command.expires);
  if (command.uses != 0) token.uses_left = command.uses;
  const std::string secret =
      auth::new_secret(token.scope == auth::Scope::enroll ? auth::kEnrollmentPrefix : auth::kTokenPrefix);
  const auth::Token made = store.add_token(token, auth::digest_of(secret));
  // The token alone on standard output, so that it can go straight into a file.
  std::cerr << "made token " << made.id << " '" << made.name << "' (" << auth::name_of(made.scope)
            << "); it is shown this once:\n";
  std::cout << secret << "\n";
  return 0;
}

int list_users(auth::CredentialStore& store, std::int64_t now) {
  for (const auth::User& user : store.users(now)) {
    std::cout << (user.is_admin ? "admin   " : "viewer  ") << user.name << "\n";
  }
  return 0;
}

int add_user(auth::CredentialStore& store, const CredentialCommand& command) {
  check_name("the user name", command.name);
  auth::User user;
  user.name = command.name;
  user.is_admin = !command.viewer;
  user.password_hash = read_password();
  if (!store.add_user(user)) throw std::runtime_error("there is a user of that name already");
  std::cout << "added '" << user.name << "'\n";
  return 0;
}

/// On a wrong path a new, empty file would answer. What can be wanted before a server's first start makes
/// one, and says so.
void require_database(const Options& options, const std::string& credentials) {
  std::error_code ignored;
  if (std::filesystem::exists(credentials, ignored) || std::filesystem::exists(options.database, ignored)) {
    return;
  }
  const bool may_be_first = options.task == Task::add_user || options.task == Task::create_token;
  if (!may_be_first) {
    throw std::runtime_error("there is no database at '" + options.database +
                             "' and no file of credentials at '" + credentials +
                             "'; give the server's --database, or its --credentials");
  }
  std::cerr << "there is no database at '" << options.database << "' yet: making a new file of credentials, '"
            << credentials << "', for a server that is started with it\n";
}

}  // namespace

int run_credential_task(const Options& options) {
  try {
    const std::string credentials = credentials_path(options.access, options.database);
    require_database(options, credentials);
    auth::CredentialStore store(credentials);
    const CredentialCommand& command = options.credential;
    const std::int64_t now = std::time(nullptr);
    switch (options.task) {
      case Task::list_tokens:
        return list_tokens(store, now);
      case Task::create_token:
        return create_token(store, command, now);
      case Task::revoke_token:
        return revoke_tokens(store, command, now);
      case Task::allow_agent:
        return allow_agents(store, command, now);
      case Task::disallow_agent:
        return disallow_agents(store, command, now);
      case Task::list_users:
        return list_users(store, now);
      case Task::add_user:
        return add_user(store, command);
      case Task::set_password:
        if (!store.find_user(command.name, now)) throw std::runtime_error("there is no user of that name");
        store.set_password(command.name, read_password());
        std::cout << "changed; who was signed in as '" << command.name << "' has to sign in again\n";
        return 0;
      default:
        return remove_user(store, command, now);
    }
  } catch (const std::exception& error) {
    std::cerr << "hostwatch-server: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace hostwatch::server
