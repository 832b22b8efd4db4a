#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/auth/access_control.h"

namespace CLI {
class App;
}

namespace hostwatch::server {

/// What the command line says of who may do what.
struct AccessOptions {
  std::string credentials;  ///< file; empty: beside the database
  bool insecure = false;
  bool require_sign_in = false;
  bool guest = false;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> trusted_proxies;
  std::string proxy_user_header;
  std::string enrollment_file;
  std::uint32_t enrollment_rate =
      60;                  ///< agents that may enrol with one token a minute from one address; 0: any
  std::string public_url;  ///< of the page, as people reach it; empty: not known
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
};

/// What a `token` or `user` command is about.
struct CredentialCommand {
  std::string name;
  std::string scope = "write";
  std::string host;
  std::string expires;  ///< as parse_duration() reads it; empty: never
  std::int64_t uses = 0;
  std::vector<std::int64_t> ids;
  std::vector<std::string> hosts;
  std::string agent;  ///< its identity, or how that begins; empty: not said
  bool any = false;   ///< whichever agent comes next
  bool may_return = false;
  bool viewer = false;
  bool revoke_tokens = false;
};

void declare_access(CLI::App& app, AccessOptions& options);

/// Throws std::invalid_argument if they contradict each other or are no addresses.
auth::AccessSettings access_settings(const AccessOptions& options, const std::string& listen);

/// The file of credentials that goes with a database: "metrics.db" -> "metrics.credentials".
std::string credentials_path(const AccessOptions& options, const std::string& database);

}  // namespace hostwatch::server
