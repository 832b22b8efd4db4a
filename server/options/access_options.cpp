#include "server/options/access_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "net/address.h"
#include "server/options/not_empty.h"

namespace hostwatch::server {
namespace {

void declare_tls(CLI::App& app, AccessOptions& options) {
  app.add_option("--tls-certificate", options.tls_certificate,
                 "Serve TLS with this certificate chain (PEM); SIGHUP reads it again")
      ->check(not_empty())
      ->type_name("FILE")
      ->envname("HOSTWATCH_TLS_CERTIFICATE");
  app.add_option("--tls-key", options.tls_key, "Private key of the certificate (PEM)")
      ->check(not_empty())
      ->type_name("FILE")
      ->envname("HOSTWATCH_TLS_KEY");
  app.add_option("--tls-client-ca", options.tls_client_ca,
                 "Require agents to present a certificate of this authority (PEM) besides their token")
      ->check(not_empty())
      ->type_name("FILE")
      ->envname("HOSTWATCH_TLS_CLIENT_CA");
}

/// "https://monitor.example:8443/hostwatch" -> "monitor.example:8443", as browsers name it in Host and
/// Origin.
std::string authority_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find_first_of("/?#")));
}

/// A name as browsers send it in Host, without scheme and port (RFC 3986, 3.2.2; others than ASCII's letters
/// are sent as "xn--..."), or an address.
bool is_name_of_host(const std::string& text) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return net::parse_address(text) ||
         (!text.empty() && text.back() != '.' && std::all_of(text.begin(), text.end(), is_part));
}

/// "monitor.example", "monitor.example:8443", "[::1]:5000".
bool is_authority(const std::string& text) {
  const std::size_t port = text.ends_with(']') ? std::string::npos : text.rfind(':');
  const std::string digits = port == std::string::npos ? "0" : text.substr(port + 1);
  std::string host = text.substr(0, port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return is_name_of_host(host) && !digits.empty() &&
         digits.find_first_not_of("0123456789") == std::string::npos;
}

void check_names(const AccessOptions& options) {
  for (const std::string& name : options.allowed_hosts) {
    if (is_name_of_host(std::string(net::without_brackets(name)))) continue;
    throw std::invalid_argument("--allow-host: '" + name +
                                "' is not a name such as monitor.example, without http:// and port");
  }
  const std::string& url = options.public_url;
  if (url.empty()) return;
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  if (!has_scheme || !is_authority(authority_of(url))) {
    throw std::invalid_argument(
        "--public-url: '" + url +
        "' is not an address such as https://monitor.example or http://10.0.0.1:5000");
  }
}

}  // namespace

void declare_access(CLI::App& app, AccessOptions& options) {
  app.add_option("--credentials", options.credentials,
                 "File of tokens and users (default: beside the database, as metrics.credentials)")
      ->check(not_empty())
      ->type_name("FILE")
      ->envname("HOSTWATCH_CREDENTIALS");
  app.add_flag("--insecure", options.insecure,
               "Disable authentication, even when other machines can reach the server")
      ->envname("HOSTWATCH_INSECURE");
  app.add_flag("--require-sign-in", options.require_sign_in,
               "Require credentials on loopback too, as behind a reverse proxy on this machine")
      ->envname("HOSTWATCH_REQUIRE_SIGN_IN");
  app.add_flag("--guest", options.guest, "Let unauthenticated people read")->envname("HOSTWATCH_GUEST");
  const auto list = [&app](const char* name, std::vector<std::string>& values, const char* what) {
    return app.add_option(name, values, what)
        ->delimiter(',')
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->default_str("")
        ->allow_extra_args(false);  // what follows may be a command's FILE
  };
  list("--allow-host", options.allowed_hosts,
       "Host name of this server (several with commas); requests for other names are refused unless they "
       "carry a token")
      ->type_name("NAME")
      ->envname("HOSTWATCH_ALLOW_HOST");
  list("--trusted-proxy", options.trusted_proxies,
       "Address or range (10.0.0.0/8) of a reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are "
       "trusted")
      ->type_name("ADDRESS")
      ->envname("HOSTWATCH_TRUSTED_PROXY");
  app.add_option("--proxy-user-header", options.proxy_user_header,
                 "Header in which a trusted proxy names the user that it has authenticated")
      ->check(not_empty())
      ->type_name("NAME")
      ->envname("HOSTWATCH_PROXY_USER_HEADER");
  app.add_option("--enrollment-file", options.enrollment_file,
                 "File with an enrolment token for agents; the server writes it if it is missing, empty, or "
                 "its token is not valid any more")
      ->check(not_empty())
      ->type_name("FILE")
      ->envname("HOSTWATCH_ENROLLMENT_FILE");
  app.add_option("--enrollment-rate", options.enrollment_rate,
                 "Agents per minute that may enrol with one token from one address; 0 is any number")
      ->type_name("NUMBER")
      ->envname("HOSTWATCH_ENROLLMENT_RATE");
  app.add_option("--public-url", options.public_url,
                 "URL at which people reach this server; it is logged, and its host name is accepted")
      ->check(not_empty())
      ->type_name("URL")
      ->envname("HOSTWATCH_PUBLIC_URL");
  declare_tls(app, options);
}

auth::AccessSettings access_settings(const AccessOptions& options, const std::string& listen) {
  auth::AccessSettings settings;
  check_names(options);
  if (options.insecure && options.require_sign_in) {
    throw std::invalid_argument("--insecure and --require-sign-in exclude each other");
  }
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    throw std::invalid_argument("--tls-certificate and --tls-key go together");
  }
  if (!options.tls_client_ca.empty() && options.tls_key.empty()) {
    throw std::invalid_argument("--tls-client-ca needs --tls-certificate and --tls-key");
  }
  if (!options.proxy_user_header.empty() && options.trusted_proxies.empty()) {
    throw std::invalid_argument("--proxy-user-header needs --trusted-proxy: anybody could send that header");
  }
  for (const std::string& text : options.trusted_proxies) {
    const auto range = net::AddressRange::parse(text);
    if (!range)
      throw std::invalid_argument("--trusted-proxy: '" + text +
                                  "' is not an address such as 10.0.0.1 or 10.0.0.0/8");
    settings.trusted_proxies.push_back(*range);
  }
  settings.guest = options.guest;
  settings.enrollments_a_minute = options.enrollment_rate;
  settings.agents_need_certificate = !options.tls_client_ca.empty();
  settings.proxy_user_header = options.proxy_user_header;
  for (const std::string& name : options.allowed_hosts)
    settings.allowed_hosts.emplace_back(net::without_brackets(name));
  settings.public_authority = authority_of(options.public_url);
  // Whoever names a proxy or another name is reached from elsewhere.
  const bool reached_from_elsewhere =
      !net::is_loopback(listen) || !options.trusted_proxies.empty() || !options.allowed_hosts.empty();
  settings.mode = options.insecure                                    ? auth::AccessMode::insecure
                  : reached_from_elsewhere || options.require_sign_in ? auth::AccessMode::required
                                                                      : auth::AccessMode::open;
  return settings;
}

std::string credentials_path(const AccessOptions& options, const std::string& database) {
  if (!options.credentials.empty()) return options.credentials;
  return std::filesystem::path(database).replace_extension(".credentials").string();
}

}  // namespace hostwatch::server
