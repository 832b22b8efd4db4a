#pragma once

#include <string>
#include <string_view>

namespace hostwatch::util {

/// The folder that a file is kept in must be this program's user's or root's, and not every user's to write.
/// Throws std::runtime_error that names `option` and the folder and says what to do. A folder that is not
/// there is made later, for its owner alone.
void require_private_folder(const std::string& file, std::string_view option);

/// Throws std::runtime_error that names `option` if the file of a database, or SQLite's beside it (-wal,
/// -shm, -journal), is somebody else's than this program's user's or root's. Changes nothing.
void require_own_file(const std::string& file, std::string_view option);

/// Takes reading and writing away from everybody else where such a file has been opened to them, as a copy of
/// it is; says so in the log. For a database that was found to be ours: a stranger's file is left as it is.
void keep_private(const std::string& file);

/// Says in the log that a file which should be secret can be read by every user of the machine. Files of keys
/// and tokens are the operator's: their modes are not changed.
void warn_if_readable(const std::string& file, std::string_view option);

/// A new file for its owner alone (mode 0600), from the first byte on. Not thread-safe.
class NewPrivateFile {
 public:
  /// Throws std::runtime_error: also if there is such a file, or a link, already.
  explicit NewPrivateFile(std::string path);

  /// Removes the file, unless it was finished.
  ~NewPrivateFile();
  NewPrivateFile(const NewPrivateFile&) = delete;
  NewPrivateFile& operator=(const NewPrivateFile&) = delete;

  /// Throws std::runtime_error.
  void write(std::string_view text);

  /// It is whole, and on the disk. Throws std::runtime_error.
  void finish();

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  int fd_;
  bool is_whole_ = false;
};

}  // namespace hostwatch::util
