#include <algorithm>
#include <random>

#include "tests/unit/server/alerts/engine/engine_fixture.h"

namespace hostwatch::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Rule store_failing() {
  Rule rule = host_down();
  rule.id = "server-store";
  rule.when[0].metric = kStoreFailing;
  rule.hold = 10;
  return rule;
}

TEST_F(Engine, TheServersOwnFullDiskIsTold) {
  watch({store_failing(), host_down(), disk_full()});
  disk("web-1", 50);
  server_.is_store_failing = true;
  pass(10);
  EXPECT_THAT(sent_.take(), IsEmpty());
  pass(2);
  EXPECT_THAT(sent_.take(), ElementsAre("fired critical server-store "));
  pass(600);  // nobody else can be heard, which is nobody's fault
  EXPECT_THAT(sent_.take(), IsEmpty());
  EXPECT_THAT(alarms(), IsEmpty());
  server_.is_store_failing = false;
  pass(1);
  EXPECT_THAT(sent_.take(), ElementsAre("ended critical server-store : cleared"));
  const auto stored = alarms();
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].rule, "server-store");
  EXPECT_NE(stored[0].ended, 0);
}

TEST_F(Engine, AShortFailureIsToldToNobody) {
  watch({store_failing()});
  server_.is_store_failing = true;
  pass(5);
  server_.is_store_failing = false;
  pass(60);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(alarms(), IsEmpty());
}

/// Two hours in which the disk was full twice, of a host that has sent fresh readings meanwhile.
class Backlog : public Engine {
 protected:
  std::vector<std::string> late_alarms_of(const std::function<void(std::vector<protocol::Reading>&)>& order) {
    watch({disk_full()});
    disk("web-1", 50);
    pass(7300);
    disk("web-1", 50);
    std::vector<protocol::Reading> backlog;
    for (std::int64_t at = kStart + 10; at < kStart + 7200; at += 10) {
      const std::int64_t minute = (at - kStart) / 60;
      const bool is_full = (minute >= 20 && minute < 30) || (minute >= 60 && minute < 65);
      backlog.push_back(reading("web-1", at, is_full ? 95 : 50));
    }
    order(backlog);
    for (std::size_t i = 0; i < backlog.size(); i += 100) {
      send({backlog.begin() + static_cast<std::ptrdiff_t>(i),
            backlog.begin() + static_cast<std::ptrdiff_t>(std::min(i + 100, backlog.size()))});
      pass(1);
    }
    for (int i = 0; i < 10; ++i) {
      pass(10);
      disk("web-1", 50);
    }
    EXPECT_THAT(told(), IsEmpty());
    std::vector<std::string> found;
    for (const storage::AlarmRow& alarm : alarms()) {
      found.push_back(std::to_string(alarm.started - kStart) + "-" + std::to_string(alarm.ended - kStart) +
                      (alarm.late ? " late" : ""));
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};

TEST_F(Backlog, InOrder) {
  EXPECT_THAT(late_alarms_of([](auto&) {}), ElementsAre("1200-1800 late", "3600-3900 late"));
}

TEST_F(Backlog, Reversed) {
  EXPECT_THAT(late_alarms_of([](auto& all) { std::reverse(all.begin(), all.end()); }),
              ElementsAre("1200-1800 late", "3600-3900 late"));
}

TEST_F(Backlog, Shuffled) {
  EXPECT_THAT(late_alarms_of([](auto& all) { std::shuffle(all.begin(), all.end(), std::mt19937(7)); }),
              ElementsAre("1200-1800 late", "3600-3900 late"));
}

TEST_F(Backlog, SentTwiceIsThereOnce) {
  EXPECT_THAT(late_alarms_of([](auto& all) { all.insert(all.end(), all.begin(), all.end()); }),
              ElementsAre("1200-1800 late", "3600-3900 late"));
}

}  // namespace
}  // namespace hostwatch::alerts
