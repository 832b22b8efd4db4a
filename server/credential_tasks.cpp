#include "server/credential_tasks.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <stdexcept>

#include "protocol/text.h"
#include "server/auth/credential_store.h"
#include "server/auth/password.h"

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
  return line;
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

int list_tokens(auth::CredentialStore& store, std::int64_t now) {
  std::cout << std::left << std::setw(6) << "ID" << std::setw(8) << "SCOPE" << std::setw(18) << "CREATED"
            << std::setw(18) << "LAST USED" << std::setw(18) << "EXPIRES" << std::setw(6) << "USES"
            << std::setw(20) << "HOST"
            << "NAME\n";
  for (const auth::Token& token : store.tokens(now)) {
    std::cout << std::setw(6) << token.id << std::setw(8) << auth::name_of(token.scope) << std::setw(18)
              << date_text(token.created, "-") << std::setw(18) << date_text(token.last_used, "never")
              << std::setw(18) << (token.is_valid(now) ? date_text(token.expires, "never") : "is over")
              << std::setw(6) << (token.uses_left ? std::to_string(*token.uses_left) : "-") << std::setw(20)
              << (token.host.empty() ? "-" : token.host) << token.name << "\n";
  }
  return 0;
}

int create_token(auth::CredentialStore& store, const CredentialCommand& command, std::int64_t now) {
  auth::Token token;
  check_name("the token's name", command.name);
  token.name = command.name;
  token.scope = auth::scope_named(command.scope).value();  // checked with the options
  token.host = command.host;
  token.created = now;
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

}  // namespace

int run_credential_task(const Options& options) {
  try {
    auth::CredentialStore store(credentials_path(options.access, options.database));
    const CredentialCommand& command = options.credential;
    const std::int64_t now = std::time(nullptr);
    switch (options.task) {
      case Task::list_tokens:
        return list_tokens(store, now);
      case Task::create_token:
        return create_token(store, command, now);
      case Task::revoke_token:
        if (!store.remove_token(command.id)) throw std::runtime_error("there is no token of that number");
        std::cout << "revoked token " << command.id << "; a running server knows it within a second\n";
        return 0;
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
        if (!store.remove_user(command.name)) throw std::runtime_error("there is no user of that name");
        std::cout << "removed '" << command.name << "'\n";
        return 0;
    }
  } catch (const std::exception& error) {
    std::cerr << "hostwatch-server: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace hostwatch::server
