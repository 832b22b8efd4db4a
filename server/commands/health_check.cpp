#include "server/commands/health_check.h"

#include <httplib.h>

#include <iostream>
#include <memory>

namespace hostwatch::server {

int check_health(const std::string& listen, int port, bool encrypted) {
  // Whoever listens on every address is asked on this machine's own.
  const std::string host = listen == "0.0.0.0" ? "127.0.0.1" : listen == "::" ? "::1" : listen;
  std::unique_ptr<httplib::ClientImpl> client;
  if (encrypted) {
    client = std::make_unique<httplib::SSLClient>(host, port);
    // Its name is not that of the certificate, and nothing is told to it.
    client->enable_server_certificate_verification(false);
  } else {
    client = std::make_unique<httplib::ClientImpl>(host, port);
  }
  client->set_connection_timeout(2);
  client->set_read_timeout(3);
  const httplib::Result result = client->Get("/health");
  if (!result) {
    std::cerr << "hostwatch-server: no answer from " << host << " port " << port << "\n";
    return 1;
  }
  (result->status == 200 ? std::cout : std::cerr) << result->body << "\n";
  return result->status == 200 ? 0 : 1;
}

}  // namespace hostwatch::server
