#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "agent/collectors/disks/filesystems.h"
#include "tests/unit/agent/collectors/disks/latch_statvfs.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {

using namespace std::chrono_literals;

/// A mount table and file systems that are made up.
class FileSystemCollectorTest : public testing::Test {
 protected:
  void write_table(std::string_view text) { tree_.write("proc/self/mountinfo", text); }
  std::string path(const std::string& inside) { return tree_.path() + inside; }
  std::string root() { return tree_.path(); }
  FileSystemCollector make(std::chrono::milliseconds patience = 10min) {
    return FileSystemCollector({tree_.path("proc"), root()}, fakes_.statvfs(), patience);
  }

  TempTree tree_;
  FakeFileSystems fakes_;
};

}  // namespace hostwatch::agent::test
