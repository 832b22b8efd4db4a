// Questions about readings that are in memory, not filed yet.
#include <gtest/gtest.h>
#include <malloc.h>

#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

std::size_t allocated() {
  const struct mallinfo2 memory = ::mallinfo2();
  return memory.uordblks + memory.hblkhd;
}

TEST(PendingReadings, AreNotCopiedForAQuestion) {
  StoreFixture fixture;
  constexpr int kReadings = 4000;
  for (int i = 0; i < kReadings; i += 100) {
    std::vector<protocol::Reading> readings;
    for (int j = i; j < i + 100; ++j) {
      std::vector<protocol::Sample> samples = named("", 400);
      for (protocol::Sample& sample : samples) sample.value = 1.0 / (j + 1);
      readings.push_back(StoreFixture::reading("web-1", StoreFixture::kNow + j, 1, std::move(samples)));
    }
    fixture.append(readings);
  }
  ASSERT_GT(fixture.store().statistics().pending_bytes, 12U << 20U);
  const std::size_t before = allocated();
  std::size_t most = 0;
  std::size_t rows = 0;
  fixture.store().read({"web-1", 0, INT64_MAX, false, {"cpu"}}, [&](const HistoryPart& part) {
    most = std::max(most, allocated());
    rows += part.table.times.size();
    return true;
  });
  EXPECT_EQ(rows, kReadings);
  EXPECT_LT(most - std::min(most, before), 2U << 20U);
}

}  // namespace
}  // namespace hostwatch::storage
