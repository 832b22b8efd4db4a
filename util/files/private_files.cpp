#include "util/files/private_files.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "util/files/file_access.h"

namespace hostwatch::util {
namespace {

/// SQLite's own files beside a database, and itself.
constexpr std::array<const char*, 4> kDatabaseFiles{"", "-wal", "-shm", "-journal"};

}  // namespace

void require_private_folder(const std::string& file, std::string_view option) {
  const std::string parent = std::filesystem::path(file).parent_path().string();
  const std::string folder = parent.empty() ? "." : parent;
  if (const auto why = util::why_not_private_folder(folder, ::geteuid())) {
    throw std::runtime_error(std::string(option) + ": the folder '" + folder + "' " + *why);
  }
}

void require_own_file(const std::string& file, std::string_view option) {
  for (const char* suffix : kDatabaseFiles) {
    const std::string path = file + suffix;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) continue;
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
      throw std::runtime_error(std::string(option) + ": '" + path + "' belongs to another user (" +
                               std::to_string(status.st_uid) + "): give it to this one (chown)");
    }
  }
}

void keep_private(const std::string& file) {
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  for (const char* suffix : kDatabaseFiles) {
    const std::string path = file + suffix;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & kOthers) == 0) continue;
    if (::chmod(path.c_str(), status.st_mode & 07777 & ~kOthers) == 0) {
      spdlog::warn("'{}' was open to other users of this machine, and is no longer (mode {:o} before)", path,
                   status.st_mode & 07777);
    } else {
      spdlog::warn("'{}' is open to other users of this machine (mode {:o}): {}", path,
                   status.st_mode & 07777, std::strerror(errno));
    }
  }
}

void warn_if_readable(const std::string& file, std::string_view option) {
  if (file.empty() || !util::is_readable_by_all(file)) return;
  spdlog::warn("{} '{}' can be read by every user of this machine (chmod o-r)", option, file);
}

NewPrivateFile::NewPrivateFile(std::string path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {
  if (fd_ < 0) fail();
}

NewPrivateFile::~NewPrivateFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!is_whole_) ::unlink(path_.c_str());
}

void NewPrivateFile::fail() const {
  throw std::runtime_error("cannot write '" + path_ + "': " + std::strerror(errno) +
                           (errno == EEXIST ? "; choose another name" : ""));
}

void NewPrivateFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void NewPrivateFile::finish() {
  if (::fsync(fd_) != 0) fail();
  if (::close(std::exchange(fd_, -1)) != 0) fail();
  is_whole_ = true;
}

}  // namespace hostwatch::util
