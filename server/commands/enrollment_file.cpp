#include "server/commands/enrollment_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "util/text/text.h"

namespace hostwatch::server {
namespace {

void write_file(const std::string& path, std::string_view text) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;  // what is wrong is told by what follows
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = fd >= 0 &&
                       ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written || std::rename(fresh.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(written ? errno : error);
    if (fd >= 0) ::unlink(fresh.c_str());
    throw std::runtime_error("cannot write --enrollment-file '" + path + "': " + why);
  }
}

/// Without what an editor may have put around it.
std::string first_line_of(const std::string& path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  std::string_view text = util::without_byte_order_mark(line);
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

/// Only what such a file holds: whoever names another file by mistake must not lose it.
bool may_be_replaced(const std::string& path, const std::string& first_line) {
  std::error_code unreadable;
  const auto status = std::filesystem::status(path, unreadable);
  if (status.type() == std::filesystem::file_type::not_found) return true;
  if (status.type() != std::filesystem::file_type::regular) return false;
  return std::filesystem::file_size(path, unreadable) == 0 || first_line.starts_with(auth::kEnrollmentPrefix);
}

}  // namespace

EnrollmentFile keep_enrollment_file(const std::string& path, auth::CredentialStore& store, std::int64_t now) {
  const std::string kept = first_line_of(path);
  if (!may_be_replaced(path, kept)) {
    throw std::runtime_error("--enrollment-file: '" + path +
                             "' is there and holds no enrolment token: it is left as it is; name a file that "
                             "may be replaced");
  }
  if (!kept.empty()) {
    const auto token = store.find_token(auth::digest_of(kept), now);
    if (token && token->scope == auth::Scope::enroll && token->is_valid(now)) {
      return {false, store.end_former_file_tokens(auth::digest_of(kept))};
    }
  }
  const std::string secret = auth::new_secret(auth::kEnrollmentPrefix);
  auth::Token token;
  token.name = "agents that read the enrolment file";
  token.scope = auth::Scope::enroll;
  token.created = now;
  token.made_by = auth::kMadeForFile;
  // First the store: a file whose token is not known would be made anew by the next start only.
  const auth::Token made = store.add_token(token, auth::digest_of(secret));
  try {
    write_file(path, secret + "\n");
  } catch (const std::runtime_error&) {
    store.revoke_token(made.id, token.made_by, now);  // nobody has it
    throw;
  }
  return {true, store.end_former_file_tokens(auth::digest_of(secret))};
}

}  // namespace hostwatch::server
