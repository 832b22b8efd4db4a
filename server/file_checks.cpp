#include "server/file_checks.h"

#include <string>

#include "util/files/private_files.h"

namespace hostwatch::server {

void check_files(const Options& options) {
  const std::string credentials = credentials_path(options.access, options.database);
  util::require_private_folder(options.database, "--database");
  util::require_private_folder(credentials, "--credentials");
  util::require_own_file(options.database, "--database");
  util::require_own_file(credentials, "--credentials");
  if (!options.access.enrollment_file.empty()) {
    util::require_private_folder(options.access.enrollment_file, "--enrollment-file");
    util::warn_if_readable(options.access.enrollment_file, "--enrollment-file");
  }
  util::warn_if_readable(options.access.tls_key, "--tls-key");
}

}  // namespace hostwatch::server
