// The disk fails in the middle of something, once or for a while: what is told to have failed can be sent
// again, what was acknowledged stays, and no restart is needed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ostream>

#include "tests/unit/server/storage/sqlite/fault_disk.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::disk_errors_test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr std::int64_t kNow = StoreFixture::kNow;

struct Fault {
  const char* name;
  std::int64_t count;  ///< operations that fail
  int code;
  bool with_readers;  ///< a reading connection is open: SQLite keeps the write-ahead log's index
};

/// The name alone: a test's name must not hold addresses.
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

class DiskErrors : public ::testing::TestWithParam<Fault> {
 protected:
  static std::vector<protocol::Reading> round_of_readings(int round) {
    std::vector<protocol::Reading> readings;
    for (int i = 0; i < 30; ++i) {
      readings.push_back(StoreFixture::reading("host-" + std::to_string(round % 4), kNow + round * 100 + i, i,
                                               {{"gauge", std::to_string(round), 1}}));
    }
    return readings;
  }

  /// Appends and files; as a client does, sends again what failed. False if nothing failed.
  bool live(StoreFixture& fixture, FaultDisk& disk) {
    for (int round = 0; round < 12; ++round) {
      bool stored = false;
      for (int attempt = 0; attempt < 4 && !stored; ++attempt) {
        if (attempt == 2) disk.heal();
        try {
          fixture.append(round_of_readings(round));
          stored = true;
        } catch (const StoreError&) {
          EXPECT_TRUE(disk.has_failed());
        }
      }
      EXPECT_TRUE(stored) << "round " << round << " cannot be stored though the disk is well again";
      if (!stored) return true;
      try {
        if (round % 3 == 2) fixture.maintain(kNow + round * 100);
        if (round == 8) fixture.store().delete_history("host-3", kNow);
      } catch (const StoreError&) {
        EXPECT_TRUE(disk.has_failed());
      }
    }
    const bool failed = disk.has_failed();
    disk.heal();
    if (failed) fixture.store().delete_history("host-3", kNow);
    return failed;
  }

  static void expect_complete(StoreFixture& fixture) {
    for (int host = 0; host < 3; ++host) {
      EXPECT_EQ(fixture.cpu_of("host-" + std::to_string(host)).size(), 90U) << "host-" << host;
    }
    for (const HostState& host : fixture.store().hosts()) {
      const bool has_samples = host.latest && !host.latest->samples.empty();
      EXPECT_TRUE(has_samples || !host.latest || host.name == "reader") << host.name;
    }
  }
};

TEST_P(DiskErrors, NothingAcknowledgedIsLostAndWhatFailedCanBeSentAgain) {
  bool failed = true;
  for (int nth = 1; failed && nth < 400; ++nth) {
    SCOPED_TRACE("operation " + std::to_string(nth));
    FaultDisk disk;
    StoreFixture fixture;
    fixture.options.file_after_readings = 60;
    fixture.reopen();
    if (GetParam().with_readers) {
      fixture.append({StoreFixture::reading("reader", kNow)});
      fixture.maintain();
      fixture.cpu_of("reader");
    }
    disk.fail(nth, GetParam().count, GetParam().code);
    failed = live(fixture, disk);
    expect_complete(fixture);
    fixture.reopen();
    expect_complete(fixture);
    fixture.maintain(kNow + 100000);
    expect_complete(fixture);
    if (HasFailure()) return;
  }
  EXPECT_FALSE(failed) << "the fault was moved through all that is done";
}

INSTANTIATE_TEST_SUITE_P(Sqlite, DiskErrors,
                         ::testing::Values(Fault{"OneWriteOrSync", 1, SQLITE_IOERR_FSYNC, false},
                                           Fault{"OneWithReaders", 1, SQLITE_IOERR_FSYNC, true},
                                           Fault{"ForAWhile", 1000000, SQLITE_IOERR_FSYNC, false},
                                           Fault{"ForAWhileWithReaders", 1000000, SQLITE_IOERR_WRITE, true},
                                           Fault{"FullForAWhile", 1000000, SQLITE_FULL, false}),
                         [](const auto& fault) { return std::string(fault.param.name); });

/// Another process's view of SQLite's shared lock on the file: closing any descriptor of the file in this
/// process would drop it.
bool is_locked_for_others(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x40000002;
    lock.l_len = 510;
    ::fcntl(fd, F_GETLK, &lock);
    ::_exit(lock.l_type == F_UNLCK ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

TEST(DiskErrorsLocks, ReadersKeepTheirLockWhenTheDatabaseIsOpenedAgain) {
  FaultDisk disk;
  StoreFixture fixture;
  fixture.append({StoreFixture::reading("web-1", kNow, 1)});
  fixture.maintain();
  fixture.cpu_of("web-1");
  ASSERT_TRUE(is_locked_for_others(fixture.path()));
  disk.fail(1, 1, SQLITE_IOERR_WRITE);
  EXPECT_THROW(fixture.append({StoreFixture::reading("web-1", kNow + 1, 2)}), StoreError);
  fixture.store().probe();
  EXPECT_TRUE(is_locked_for_others(fixture.path()));
  EXPECT_THAT(fixture.cpu_of("web-1"), ElementsAre(Pair(kNow, 1)));
}

}  // namespace
}  // namespace hostwatch::storage::disk_errors_test
