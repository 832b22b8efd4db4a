#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::agent {

/// A small file that is read again and again: its descriptor stays open and its text goes into a buffer that
/// is reused. Files of proc(5) say nothing true about their size, so reading goes on to the end. Not
/// thread-safe.
class ProcFile {
 public:
  /// More than this is not what we think it is.
  static constexpr std::size_t kMaxBytes = std::size_t{4} << 20U;

  explicit ProcFile(std::string path);

  /// Of several places the first that can be opened, for as long as it stays open.
  explicit ProcFile(std::vector<std::string> paths);

  ~ProcFile();
  ProcFile(const ProcFile&) = delete;
  ProcFile& operator=(const ProcFile&) = delete;

  /// The whole text, valid until the next call; nothing if there is no such file, or the kernel has it but
  /// not the feature behind it (EOPNOTSUPP, as /proc/pressure under psi=0). A file that was replaced or fails
  /// is opened anew. Throws CollectorError with the path and the reason for any other failure, and for more
  /// than kMaxBytes.
  std::optional<std::string_view> read();

  /// As read(), but a file that is absent is a failure too: for what every Linux has.
  std::string_view read_required();

  /// Only for tables of mounts (proc(5), mountinfo): false if the kernel says that nothing changed since the
  /// last call (poll(2), POLLPRI). True when that cannot be known: the file is not open, or does not lie in a
  /// proc file system.
  bool may_have_changed();

  /// Throws CollectorError, with the path, if any lines of the text could not be understood.
  void refuse_malformed(std::size_t lines) const;

  /// The place that is read, or would be first: for error texts.
  const std::string& path() const { return paths_[current_]; }

 private:
  bool open();
  void close();
  bool is_gone() const;
  bool read_to_end();

  std::vector<std::string> paths_;
  std::size_t current_ = 0;
  std::vector<char> buffer_;
  std::size_t length_ = 0;
  int descriptor_ = -1;
  bool in_proc_ = false;
};

/// True if the proc root is this machine's own ("/proc"): then "self" is the agent, and else process 1 stands
/// for the host whose proc was mounted there.
bool is_own_proc(std::string_view proc_root);

/// `root` and `path` ("/x") joined without a slash too many.
std::string join_path(std::string_view root, std::string_view path);

}  // namespace hostwatch::agent
