// The promises of every Store (store_conformance_test.cpp) at the stages that SQLite's store alone has: what
// it filed is compacted into chunks; and while readings are filed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/server/storage/conformance/store_conformance.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::sqlite_stages_test {
namespace {

constexpr std::int64_t kNow = StoreFixture::kNow;

/// Maintenance compacts whatever is filed.
std::unique_ptr<StoreUnderTest> make_compacting() {
  auto fixture = std::make_unique<StoreFixture>();
  fixture->options.compact_after_readings = 1;
  fixture->options.most_uncompacted = 0;
  fixture->reopen();
  return fixture;
}

INSTANTIATE_TEST_SUITE_P(SqliteStages, StoreConformance,
                         ::testing::Values(StoreFactory{"Compacted", make_compacting, maintain},
                                           StoreFactory{"CompactedAndRestarted", make_compacting,
                                                        maintain_and_restart}),
                         name_of_factory);

TEST(SqliteUnderThreads, AReaderAlwaysSeesEverythingThatWasAcknowledgedBefore) {
  StoreFixture fixture;
  fixture.options.file_after_readings = 50;
  fixture.reopen();
  std::atomic<std::int64_t> acknowledged{0};
  std::atomic<bool> done{false};
  std::jthread writer([&] {
    for (std::int64_t i = 1; i <= 3000; ++i) {
      fixture.append({StoreFixture::reading("web-1", kNow + i, 1)});
      acknowledged = i;
      if (i % 10 == 0) fixture.store().maintain(kNow + i);
    }
    done = true;
  });
  while (!done) {
    const std::int64_t before = acknowledged;
    const auto seen = fixture.cpu_of("web-1");  // also: none twice, none out of order
    ASSERT_GE(static_cast<std::int64_t>(seen.size()), before);
    fixture.store().hosts();
  }
}

}  // namespace
}  // namespace hostwatch::storage::sqlite_stages_test
