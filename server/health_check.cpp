#include "server/health_check.h"

#include <httplib.h>

#include <iostream>

namespace hostwatch::server {

int check_health(const std::string& listen, int port) {
  // Whoever listens on every address is asked on this machine's own.
  const std::string host = listen == "0.0.0.0" ? "127.0.0.1" : listen == "::" ? "::1" : listen;
  httplib::Client client(host, port);
  client.set_connection_timeout(2);
  client.set_read_timeout(3);
  const httplib::Result result = client.Get("/health");
  if (!result) {
    std::cerr << "hostwatch-server: no answer from " << host << " port " << port << "\n";
    return 1;
  }
  (result->status == 200 ? std::cout : std::cerr) << result->body << "\n";
  return result->status == 200 ? 0 : 1;
}

}  // namespace hostwatch::server
