#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace hostwatch::util {

/// Why what is for `user` alone must not be kept in this folder: it, or the link that leads to it, belongs to
/// somebody else than `user` or root, or every user of the machine can write there (also if the sticky bit
/// keeps them from each other's files, as in /tmp: files can be put there before ours). Nothing if there is
/// no such folder. To be shown behind the folder's name; says what to do.
std::optional<std::string> why_not_private_folder(const std::string& path, uid_t user);

/// True if there is such a file, and every user of the machine can read it.
bool is_readable_by_all(const std::string& path);

}  // namespace hostwatch::util
