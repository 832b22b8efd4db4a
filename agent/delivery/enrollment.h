#pragma once

#include <optional>
#include <string>

#include "agent/delivery/server_answer.h"

namespace hostwatch::agent {

/// The path that agents enrol at, beside the one that readings go to: ".../metrics" -> ".../enroll", with the
/// query, which a proxy may ask for. Slashes behind it do not count. Nothing if the path does not end so.
std::optional<std::string> enrollment_path(const std::string& metrics_path);

/// The body of the request to enrol.
std::string enrollment_request(const std::string& hostname);

/// What the server answered to it: the host's own token, or why there is none, safe to log.
struct EnrollmentAnswer {
  std::string token;
  std::string problem;
  bool retry_slowly = false;  ///< only a person can change the answer
};
EnrollmentAnswer read_enrollment_answer(const HttpAnswer& answer);

}  // namespace hostwatch::agent
