// The agent's clock is wrong, or is set while it runs. Needs libfaketime (Debian's package faketime).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/ledger.h"

namespace hostwatch::testing {
namespace {

std::string find_library() {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib", ignored)) {
    const auto library = entry.path() / "faketime/libfaketimeMT.so.1";
    if (std::filesystem::exists(library, ignored)) return library.string();
  }
  return {};
}

class Clocks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "the sanitizers must be loaded before every other library";
    ASSERT_FALSE(find_library().empty())
        << "libfaketime is missing: scripts/test installs the package faketime";
  }

  /// Seconds that the agent's wall clock is ahead; may be called while it runs.
  void set_clock(int ahead) {
    const std::string fresh = folder_.file("clock.new");
    std::ofstream(fresh) << (ahead < 0 ? "" : "+") << ahead << "\n";
    std::filesystem::rename(fresh, folder_.file("clock"));
  }

  AgentUnderTest agent() const {
    return {server_.url(),
            "web-1",
            folder_.file("spool"),
            {},
            {"env", "LD_PRELOAD=" + find_library(), "FAKETIME_TIMESTAMP_FILE=" + folder_.file("clock"),
             "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"}};
  }

  TemporaryFolder folder_;
  Server server_{folder_.file("metrics.db")};
};

TEST_F(Clocks, AnAgentElevenMinutesAheadIsToldHowFarAndStampsByTheServersClock) {
  ASSERT_TRUE(server_.client().Get("/health")->has_header("Date"));
  set_clock(660);
  AgentUnderTest ahead = agent();
  const auto said = ahead.process().wait_for_line("ahead of the server's");
  ASSERT_TRUE(said) << ahead.output();
  EXPECT_THAT(*said, ::testing::ContainsRegex("(659|660|661) s ahead"));
  const std::int64_t now = unix_now();
  // The readings before the server's first answer are lost to its rule, by name; none of those after it.
  ASSERT_TRUE(eventually([&] {
    const auto sampled = ahead.sampled();
    return std::count_if(sampled.begin(), sampled.end(), [&](auto one) { return one < now + 300; }) >= 5;
  })) << ahead.output();
  const std::set<std::int64_t> sampled = ahead.sampled();
  std::size_t refused = 0;
  EXPECT_TRUE(eventually([&] {
    const auto stored = stored_readings(server_, "web-1", now - 60, now + 1200);
    refused = static_cast<std::size_t>(
        std::count_if(sampled.begin(), sampled.end(), [&](auto one) { return !stored.contains(one); }));
    return refused <= 2;
  })) << refused
      << " of " << sampled.size() << " are not stored\n"
      << ahead.output();
  std::cout << sampled.size() << " readings, " << refused << " refused before the server had answered\n";
}

TEST_F(Clocks, AClockThatIsSetBackWhileTheAgentRunsCostsNoReading) {
  set_clock(0);
  AgentUnderTest stepped = agent();
  ASSERT_TRUE(stepped.process().wait_for_line("connected")) << stepped.output();
  ASSERT_TRUE(eventually([&] { return stepped.sampled().size() >= 3; })) << stepped.output();
  const std::int64_t before = *stepped.sampled().rbegin();
  set_clock(-30);
  const std::size_t then = stepped.sampled().size();
  ASSERT_TRUE(eventually([&] { return stepped.sampled().size() >= then + 5; })) << stepped.output();
  EXPECT_GE(*stepped.sampled().rbegin(), before + 5) << "timestamps always increase";
  expect_sampled_stored(server_, stepped);
  EXPECT_EQ(server_figure(server_, "readings_conflicting_total"), 0);
}

TEST_F(Clocks, AnAgentThatIsKilledAndStartedWithItsClockSetBackUsesNoTimestampTwice) {
  set_clock(0);
  AgentUnderTest stepped = agent();
  ASSERT_TRUE(eventually([&] { return stepped.sampled().size() >= 6; })) << stepped.output();
  expect_sampled_stored(server_, stepped);  // so that nothing of it waits in the spool
  stepped.kill();
  set_clock(-5);
  stepped.start();
  const std::size_t then = stepped.sampled().size();
  EXPECT_TRUE(eventually([&] { return stepped.sampled().size() >= then + 6; })) << stepped.output();
  expect_sampled_stored(server_, stepped);
  EXPECT_EQ(server_figure(server_, "readings_conflicting_total"), 0)
      << "readings lost to others of their timestamp";
}

}  // namespace
}  // namespace hostwatch::testing
