#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.h"

namespace hostwatch::test {

/// A folder of its own for one test, in which files are written by their paths; gone afterwards.
class FileTree {
 public:
  /// Writes into the file as it is, as the kernel does: the same inode.
  void write(const std::string& path, std::string_view text) const {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }

  /// Copies a folder over this tree.
  void copy(const std::filesystem::path& folder) const {
    std::filesystem::copy(
        folder, root_,
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }

  void remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }
  std::string path(const std::string& inside = "") const {
    return (inside.empty() ? root_ : root_ / inside).string();
  }

 private:
  TemporaryFolder folder_;
  std::filesystem::path root_{folder_.path()};
};

}  // namespace hostwatch::test
