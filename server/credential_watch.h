#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "server/auth/access_control.h"

namespace hostwatch::server {

/// Logs what commands change in the file of credentials while the server runs, and the address at which the
/// first administrator is set up, at the start and whenever the last user is gone. Not thread-safe.
class CredentialWatch {
 public:
  /// Logs the way in, if there is nobody yet. `page`: its address. `clock`: Unix seconds. `access` must
  /// outlive it.
  CredentialWatch(auth::AccessControl& access, std::string page, std::function<std::int64_t()> clock);

  /// To be called every few seconds. What fails is logged, and looked at another time.
  void look();

 private:
  void log_setup();

  auth::AccessControl& access_;
  std::string page_;
  std::function<std::int64_t()> clock_;
  std::string logged_;  ///< the last code
};

}  // namespace hostwatch::server
