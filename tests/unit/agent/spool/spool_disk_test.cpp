// Disks that are damaged, full, read-only or cut off from their power.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <random>

#include "tests/unit/agent/delivery/eventually.h"
#include "tests/unit/agent/spool/spool_fixture.h"

namespace hostwatch::agent {
namespace {

using test::eventually;
using ::testing::ElementsAreArray;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_content(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

using SpoolDiskTest = SpoolTest;

TEST_F(SpoolDiskTest, CutAnywhereItOpensAndHoldsAllThatIsWhole) {
  push(8);
  ASSERT_EQ(files().size(), 1U);
  const std::filesystem::path file = files().front();
  const std::string whole = content_of(file);
  std::size_t before = 0;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    spool.reset();
    write_content(file, whole.substr(0, length));
    open();
    const auto back = drain();
    ASSERT_GE(back.size(), before) << "cut after " << length;
    ASSERT_THAT(back, ElementsAreArray(range(1, static_cast<std::int64_t>(back.size()))));
    before = back.size();
  }
  EXPECT_EQ(before, 8U);
}

TEST_F(SpoolDiskTest, OneFlippedBitCostsOneReadingAtMost) {
  settings.segment_bytes = 1U << 20U;
  open();
  push(600);  // the layout is in there three times
  const std::filesystem::path file = files().front();
  const std::string whole = content_of(file);
  std::mt19937 random(9);
  for (int i = 0; i < 300; ++i) {
    // The first record of all is the layout: its bits first.
    const std::size_t at = i < 60 ? static_cast<std::size_t>(i) : random() % whole.size();
    std::string bytes = whole;
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << (random() % 8)));
    spool.reset();
    write_content(file, bytes);
    open();
    ASSERT_EQ(spool->statistics().damaged, 1U);
    ASSERT_GE(drain(1'000).size(), 599U) << "byte " << at;
    ASSERT_EQ(waiting(), 0U);
  }
}

TEST_F(SpoolDiskTest, DamageInTheMiddleIsNotTheEndOfTheQueue) {
  push(100);
  spool.reset();
  const auto paths = files();
  write_content(paths[1], std::string(500, 'x'));
  write_content(paths[3], content_of(paths[3]).substr(0, 300) + std::string(200, '\0') +
                              content_of(paths[3]).substr(500));
  open();
  EXPECT_GE(spool->statistics().damaged, 2U);
  const auto back = drain();
  EXPECT_EQ(back.front(), 1);
  EXPECT_EQ(back.back(), 100);
  EXPECT_GT(back.size(), 60U) << "one file and a part of another";
  EXPECT_EQ(waiting(), 0U);
  push(1);
  EXPECT_THAT(drain(), ElementsAreArray(range(101, 101)));
}

TEST_F(SpoolDiskTest, ForeignFilesAreLeftAlone) {
  write_content(folder.path() + "/notes.txt", "mine");
  push(3);
  open();
  drain();
  EXPECT_EQ(content_of(folder.path() + "/notes.txt"), "mine");
}

TEST_F(SpoolDiskTest, AFolderThatIsNotThereOrGoneMeansMemoryUntilItIsBack) {
  settings.disk_retry = std::chrono::seconds(0);
  settings.folder = folder.path() + "/later";
  open();
  push(10);
  EXPECT_TRUE(spool->statistics().in_memory);
  std::filesystem::create_directory(settings.folder);
  push(10);
  EXPECT_FALSE(spool->statistics().in_memory);
  EXPECT_THAT(drain(), ElementsAreArray(range(1, 20)));
}

/// No file of this process may grow beyond so much, as long as this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*before_handler_)(int) = nullptr;
};

TEST_F(SpoolDiskTest, WritesThatFailHalfDoneLoseNothing) {
  settings.disk_retry = std::chrono::seconds(0);
  settings.segment_bytes = 100'000;
  open();
  push(10);
  {
    const FileSizeLimit limit(bytes_of_files() + 30);
    push(10);
  }
  push(10);
  EXPECT_FALSE(spool->statistics().in_memory);
  EXPECT_THAT(drain(), ElementsAreArray(range(1, 30)));
}

TEST_F(SpoolDiskTest, ADiskThatIsFullLosesTheOldestFirst) {
  push(100);
  const FileSizeLimit limit(
      1);  // nothing can be written any more: each try drops a file, then memory is left
  push(50);
  const SpoolStatistics statistics = spool->statistics();
  EXPECT_EQ(statistics.dropped + statistics.waiting, 150U);
  EXPECT_TRUE(statistics.in_memory);
  EXPECT_EQ(drain(1'000).back(), 150);
}

TEST_F(SpoolDiskTest, WhatWaitsIsSynced) {
  settings.sync_after = std::chrono::milliseconds(0);
  open();
  push(1);
  spool->note_undelivered();
  EXPECT_TRUE(eventually([this] { return spool->statistics().syncs == 1; }));
  push(2);
  EXPECT_TRUE(eventually([this] { return spool->statistics().syncs >= 2; }));
}

TEST_F(SpoolDiskTest, WhatIsDeliveredAtOnceIsNeverSynced) {
  settings.sync_after = std::chrono::milliseconds(0);
  open();
  for (int i = 0; i < 100; ++i) {
    push(1);
    spool->acknowledge(spool->fresh(10, 10'000));
  }
  EXPECT_EQ(spool->statistics().syncs, 0U);
}

}  // namespace
}  // namespace hostwatch::agent
