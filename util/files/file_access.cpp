#include "util/files/file_access.h"

#include <sys/stat.h>

namespace hostwatch::util {

std::optional<std::string> why_not_private_folder(const std::string& path, uid_t user) {
  struct stat link {};
  struct stat folder {};
  if (::lstat(path.c_str(), &link) != 0 || ::stat(path.c_str(), &folder) != 0) return std::nullopt;
  for (const struct stat& one : {link, folder}) {
    if (one.st_uid == user || one.st_uid == 0) continue;
    return "belongs to another user (" + std::to_string(one.st_uid) +
           "), who could put in what they like: give it to this one (chown), or choose another";
  }
  if (S_ISDIR(folder.st_mode) && (folder.st_mode & S_IWOTH) != 0) {
    return "can be written by every user of this machine: take that away (chmod o-w), or choose another";
  }
  return std::nullopt;
}

bool is_readable_by_all(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) && (file.st_mode & S_IROTH) != 0;
}

}  // namespace hostwatch::util
