#pragma once

#include <cstdint>
#include <string>

#include "server/auth/credential_store.h"

namespace hostwatch::server {

/// Sees to it that `path` holds a valid enrolment token, which agents that can read the file enrol with:
/// makes one if the file is missing, empty, or holds one that is not valid any more. Mode 0600, replaced by
/// rename. True if it was made. Throws std::runtime_error.
bool keep_enrollment_file(const std::string& path, auth::CredentialStore& store, std::int64_t now);

}  // namespace hostwatch::server
