#include "agent/collectors/files/proc_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "agent/collectors/collector.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kFirstBuffer = 4096;

bool means_absent(int error) {
  return error == ENOENT || error == ENOTDIR || error == EOPNOTSUPP;
}

[[noreturn]] void fail(const std::string& path, int error) {
  throw CollectorError(path + ": " + std::strerror(error));
}

}  // namespace

ProcFile::ProcFile(std::string path) : paths_{std::move(path)} {}

ProcFile::ProcFile(std::vector<std::string> paths) : paths_(std::move(paths)) {}

ProcFile::~ProcFile() {
  close();
}

/// False if there is no such file; throws if there is one that cannot be opened.
bool ProcFile::open() {
  int refused = 0;
  std::size_t refused_at = 0;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    // O_NONBLOCK: should somebody point us at a FIFO, opening it must not wait for a writer.
    descriptor_ = ::open(paths_[i].c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ >= 0) {
      current_ = i;
      struct statfs where {};
      in_proc_ = ::fstatfs(descriptor_, &where) == 0 && where.f_type == PROC_SUPER_MAGIC;
      return true;
    }
    if (refused == 0 && !means_absent(errno)) refused = errno, refused_at = i;
  }
  if (refused != 0) fail(paths_[refused_at], refused);
  return false;
}

void ProcFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

/// A file that was deleted or renamed over; what is in proc never is.
bool ProcFile::is_gone() const {
  if (in_proc_) return false;
  struct stat status {};
  return ::fstat(descriptor_, &status) != 0 || status.st_nlink == 0;
}

/// False with errno set if the file failed.
bool ProcFile::read_to_end() {
  if (buffer_.empty()) buffer_.resize(kFirstBuffer);
  length_ = 0;
  while (true) {
    if (length_ == buffer_.size()) {
      if (length_ >= kMaxBytes) throw CollectorError(path() + ": is longer than 4 MiB");
      buffer_.resize(buffer_.size() * 2);
    }
    const ssize_t got =
        ::pread(descriptor_, buffer_.data() + length_, buffer_.size() - length_, static_cast<off_t>(length_));
    if (got == 0) return true;
    if (got > 0) {
      length_ += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return false;
    }
  }
}

std::optional<std::string_view> ProcFile::read() {
  const bool was_open = descriptor_ >= 0;
  if (was_open && is_gone()) close();
  if (descriptor_ < 0 && !open()) return std::nullopt;
  if (!read_to_end()) {
    int error = errno;
    close();
    // A descriptor may outlive what it was opened for (a process, a mount): what is there now gets one
    // chance.
    if (!was_open || !open()) {
      if (was_open || means_absent(error)) return std::nullopt;
      fail(path(), error);
    }
    if (!read_to_end()) {
      error = errno;
      close();
      if (means_absent(error)) return std::nullopt;
      fail(path(), error);
    }
  }
  return std::string_view(buffer_.data(), length_);
}

std::string_view ProcFile::read_required() {
  const auto text = read();
  if (!text) throw CollectorError(path() + ": does not exist");
  return *text;
}

void ProcFile::refuse_malformed(std::size_t lines) const {
  if (lines == 0) return;
  throw CollectorError(path() + ": " + std::to_string(lines) + " line(s) that cannot be understood");
}

bool ProcFile::may_have_changed() {
  if (descriptor_ < 0 || !in_proc_) return true;
  pollfd asked{descriptor_, POLLPRI, 0};
  // 0 or 1; a failure (negative) says nothing, so the table is read again.
  return ::poll(&asked, 1, 0) != 0;
}

bool is_own_proc(std::string_view proc_root) {
  while (proc_root.size() > 1 && proc_root.back() == '/') proc_root.remove_suffix(1);
  return proc_root == "/proc";
}

std::string join_path(std::string_view root, std::string_view path) {
  while (!root.empty() && root.back() == '/') root.remove_suffix(1);
  std::string joined(root);
  joined += path;
  return joined;
}

}  // namespace hostwatch::agent
