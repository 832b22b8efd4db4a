#include "server/access_notices.h"

#include <spdlog/spdlog.h>

#include <string>
#include <vector>

#include "net/address.h"
#include "util/text/counted.h"

namespace hostwatch::server {
namespace {

/// Once for each: they stay good until somebody revokes them. On a full disk at a later start.
void log_tokens_of_anybody(auth::CredentialStore& credentials, std::int64_t now) {
  std::vector<auth::Token> tokens;
  try {
    tokens = credentials.take_tokens_of_anybody(now);
  } catch (const auth::CredentialError& error) {
    spdlog::error("{}", error.what());
  }
  if (tokens.empty()) return;
  std::string ids;
  for (const auth::Token& token : tokens) {
    ids += (ids.empty() ? "" : ", ") + fmt::format("{} ({})", token.id, auth::name_of(token.scope));
  }
  spdlog::warn(
      "{} made while authentication was off {} still good: {}; revoke what you do not know "
      "(hostwatch-server token list, token revoke ID)",
      util::counted(tokens.size(), "token"), tokens.size() == 1 ? "is" : "are", ids);
}

void log_required(const Options& options, auth::AccessControl& access, std::int64_t now) {
  if (!options.access.proxy_user_header.empty() && options.access.public_url.empty() &&
      options.access.allowed_hosts.empty()) {
    spdlog::warn("--proxy-user-header: the name that people reach the proxy by is not known (--public-url)");
  }
  if (options.access.tls_key.empty() && !net::is_loopback(options.listen)) {
    spdlog::warn("without --tls-certificate and --tls-key, passwords and tokens travel unencrypted");
  }
  log_tokens_of_anybody(access.store(), now);
}

}  // namespace

void log_access(const Options& options, auth::AccessControl& access, std::int64_t now) {
  switch (access.settings().mode) {
    case auth::AccessMode::open:
      return spdlog::info("only this machine reaches the server: authentication is off");
    case auth::AccessMode::insecure:
      return spdlog::warn(
          "--insecure: anybody who reaches the server can read and change everything; who names it otherwise "
          "than by an address, localhost or this machine's name needs --allow-host NAME");
    case auth::AccessMode::required:
      return log_required(options, access, now);
  }
}

}  // namespace hostwatch::server
