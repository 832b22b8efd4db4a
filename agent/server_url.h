#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace hostwatch::agent {

/// Where readings are posted to.
struct ServerUrl {
  std::string host;  ///< name or address; an IPv6 address without its brackets
  int port = 80;
  std::string path = "/";  ///< with the query, if there is one; sent as it is

  /// "host:port", with brackets around an IPv6 address: for the Host header and the log.
  std::string authority() const;

  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

/// Says what is wrong with a URL and what it should look like.
class ServerUrlError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Reads "http://host[:port][/path][?query]". Throws ServerUrlError for anything else: other schemes (https
/// among them: there is no TLS yet), user names, fragments, characters that a URL has to encode.
ServerUrl parse_server_url(std::string_view text);

}  // namespace hostwatch::agent
