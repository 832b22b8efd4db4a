#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace hostwatch::net {

/// Where readings are posted to.
struct ServerUrl {
  std::string host;  ///< name or address; an IPv6 address without its brackets, its zone as "%eth0"
  int port = 80;
  std::string path = "/";  ///< with the query, if there is one; sent as it is
  bool encrypted = false;  ///< https

  /// "host:port", with brackets around an IPv6 address: for the log.
  std::string authority() const;

  /// The same without an address's zone ("%eth0"), which means nothing to others (RFC 6874, section 3).
  std::string host_header() const;

  /// The name or address, as a certificate has it.
  std::string host_without_zone() const;

  /// The URL again.
  std::string text() const { return (encrypted ? "https://" : "http://") + authority() + path; }

  /// The URL for people: without its query, which may hold a secret.
  std::string shown() const;

  /// True if what is sent does not leave this machine, by its address or as "localhost".
  bool is_loopback() const;

  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

/// Says what is wrong with a URL and what it should look like.
class ServerUrlError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Reads "http[s]://host[:port][/path][?query]". Throws ServerUrlError for anything else: other schemes, user
/// names, fragments, characters that a URL has to encode.
ServerUrl parse_server_url(std::string_view text);

/// What was given as a URL, for a message: without user, password and query.
std::string without_secrets(std::string_view url);

}  // namespace hostwatch::net
