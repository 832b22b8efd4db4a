#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "server/auth/credential_store.h"

namespace hostwatch::server {

/// What keep_enrollment_file() has done.
struct EnrollmentFile {
  bool made = false;      ///< a new token
  std::size_t ended = 0;  ///< tokens that the file held before
};

/// Sees to it that `path` holds a valid enrolment token, which agents that can read the file enrol with:
/// makes one if the file is missing, empty, or holds one that is not valid any more. Mode 0600, replaced by
/// rename. What such a file held before is good for nothing any more. Throws std::runtime_error, also if
/// there is something else at that path: it is left as it is.
EnrollmentFile keep_enrollment_file(const std::string& path, auth::CredentialStore& store, std::int64_t now);

}  // namespace hostwatch::server
