#include "util/files/rooted_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <utility>
#include <vector>

namespace hostwatch::util {
namespace {

constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
/// As many links as the kernel follows (path_resolution(7)).
constexpr int kMaxLinks = 40;

/// A descriptor that is closed when it is not needed any more.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    const int error = errno;  // what failed is still to be told
    if (descriptor_ >= 0) ::close(descriptor_);
    errno = error;
  }
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// The parts of a path that are still to be walked, the next one last.
void prepend(std::string_view path, std::vector<std::string>& parts) {
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    const std::string_view part = path.substr(begin);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path = path.substr(0, begin == 0 ? 0 : begin - 1);
  }
}

/// Where the link leads to; empty if it is none.
std::string link_target(int directory, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  if (length <= 0) return {};
  return {target.data(), static_cast<std::size_t>(length)};
}

}  // namespace

int open_in_root_by_hand(const std::string& root, const std::string& path) {
  // From the root down to where we are, so that ".." needs nobody to say what is above.
  std::vector<Descriptor> walked;
  walked.emplace_back(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (walked.back().get() < 0) return -1;
  std::vector<std::string> parts;
  prepend(path, parts);
  int links = 0;
  while (!parts.empty()) {
    const std::string name = std::move(parts.back());
    parts.pop_back();
    if (name == "..") {
      if (walked.size() > 1) walked.pop_back();
      continue;
    }
    const std::string target = link_target(walked.back().get(), name);
    if (!target.empty()) {
      if (++links > kMaxLinks) return errno = ELOOP, -1;
      if (target.front() == '/') walked.erase(walked.begin() + 1, walked.end());
      prepend(target, parts);
      continue;
    }
    if (parts.empty()) return ::openat(walked.back().get(), name.c_str(), kReadFlags | O_NOFOLLOW);
    Descriptor next(
        ::openat(walked.back().get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (next.get() < 0) return -1;
    walked.push_back(std::move(next));
  }
  return errno = EISDIR, -1;
}

int open_in_root(const std::string& root, const std::string& path) {
  const Descriptor top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (top.get() < 0) return -1;
  open_how how{};
  how.flags = kReadFlags;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const long opened = ::syscall(SYS_openat2, top.get(), path.c_str(), &how, sizeof how);
  if (opened >= 0) return static_cast<int>(opened);
  // What these say is true of the file. All else may be said by a kernel or a sandbox that does not know the
  // call (ENOSYS, EPERM), or because something was renamed meanwhile (EAGAIN).
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES) return -1;
  return open_in_root_by_hand(root, path);
}

std::optional<std::string> read_in_root(const std::string& root, const std::string& path,
                                        std::size_t max_bytes) {
  const Descriptor file(open_in_root(root, path));
  if (file.get() < 0) return std::nullopt;
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string text(max_bytes + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + length, text.size() - length);
    if (got == 0) break;
    if (got > 0) {
      length += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return std::nullopt;
    }
  }
  if (length > max_bytes) return std::nullopt;
  text.resize(length);
  return text;
}

}  // namespace hostwatch::util
