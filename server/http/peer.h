#pragma once

#include <cstdint>
#include <string>

namespace hostwatch::http {

/// Who sent a request, as the connection tells.
struct Peer {
  std::string address;
  bool encrypted = false;
  bool has_client_certificate = false;  ///< one that was verified
  std::uint64_t connection = 0;         ///< tells it from every other one since the start
};

}  // namespace hostwatch::http
