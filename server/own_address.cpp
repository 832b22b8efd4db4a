#include "server/own_address.h"

namespace hostwatch::server {
namespace {

std::string address_of(const Options& options, const std::string& host, int port) {
  return (options.access.tls_key.empty() ? "http://" : "https://") + host + ":" + std::to_string(port);
}

}  // namespace

std::string listening_address(const Options& options, int port) {
  const bool is_ipv6 = options.listen.find(':') != std::string::npos;
  return address_of(options, is_ipv6 ? "[" + options.listen + "]" : options.listen, port);
}

std::string page_address(const Options& options, int port) {
  std::string given = options.access.public_url;
  while (given.ends_with('/')) given.pop_back();
  if (!given.empty()) return given;
  if (options.listen != "0.0.0.0" && options.listen != "::") return listening_address(options, port);
  return address_of(options, "localhost", port);
}

}  // namespace hostwatch::server
