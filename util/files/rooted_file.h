#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace hostwatch::util {

/// Opens a file as a program would whose root directory is `root` (as after chroot(2)): absolute links are
/// meant from there on, and ".." does not lead out. `path` begins with a slash. For reading only; a FIFO is
/// not waited for. A file descriptor that the caller closes, or -1 with errno set.
int open_in_root(const std::string& root, const std::string& path);

/// The same without openat2(2), which Linux has since 5.6 and some sandboxes deny: open_in_root() comes here
/// by itself. Somebody who renames directories meanwhile may lead it astray.
int open_in_root_by_hand(const std::string& root, const std::string& path);

/// The text of a file that open_in_root() opens; nothing if it cannot be read, is no regular file, or is
/// longer than that.
std::optional<std::string> read_in_root(const std::string& root, const std::string& path,
                                        std::size_t max_bytes);

}  // namespace hostwatch::util
