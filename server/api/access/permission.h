#pragma once

#include <cstdint>

namespace hostwatch::api {

/// What a route asks of its caller.
enum class Permission : std::uint8_t {
  open,    ///< nothing
  health,  ///< nothing, not even the right name: who asks from elsewhere, or by another name, is nobody
  read,
  write,  ///< readings
  enroll,
  account,  ///< to be signed in as a person
  manage
};

}  // namespace hostwatch::api
