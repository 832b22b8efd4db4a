// The spread of a metric over hosts, with numbers reckoned by hand, on a real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/query/fleet_fixture.h"

namespace hostwatch::query {

// What a test shows of a bucket and of a host when it fails.
std::ostream& operator<<(std::ostream& out, const FleetBucket& bucket) {
  return out << bucket.timestamp << ": " << bucket.count << " hosts, " << bucket.minimum << " to "
             << bucket.maximum << ", median " << bucket.median << ", p95 " << bucket.p95;
}
std::ostream& operator<<(std::ostream& out, const FleetHost& host) {
  return out << host.hostname << " " << host.average << ", at most " << host.maximum;
}

namespace {

using storage::StoreFixture;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

auto is_bucket(std::int64_t timestamp, std::size_t count, double minimum, double median, double p95,
               double maximum) {
  return ::testing::AllOf(
      Field("timestamp", &FleetBucket::timestamp, timestamp), Field("count", &FleetBucket::count, count),
      Field("minimum", &FleetBucket::minimum, DoubleEq(minimum)),
      Field("median", &FleetBucket::median, DoubleEq(median)), Field("p95", &FleetBucket::p95, DoubleEq(p95)),
      Field("maximum", &FleetBucket::maximum, DoubleEq(maximum)));
}
auto is_host(const std::string& name, double average, double maximum) {
  return ::testing::AllOf(Field("hostname", &FleetHost::hostname, name),
                          Field("average", &FleetHost::average, DoubleEq(average)),
                          Field("maximum", &FleetHost::maximum, DoubleEq(maximum)));
}

TEST(Quantile, LiesBetweenTheTwoNearestValues) {
  EXPECT_DOUBLE_EQ(quantile({7}, 0.5), 7);
  EXPECT_DOUBLE_EQ(quantile({7}, 0.95), 7);
  EXPECT_DOUBLE_EQ(quantile({10, 20}, 0.95), 19.5);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4}, 0.95), 3.85);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4}, 0), 1);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4}, 1), 4);
  std::vector<double> to_twenty;
  for (int i = 0; i <= 20; ++i) to_twenty.push_back(i);
  EXPECT_DOUBLE_EQ(quantile(to_twenty, 0.95), 19) << "at a value it is that value";
}

TEST(Quantile, LiesWithinADoubleHoweverFarTheValuesAreApart) {
  EXPECT_EQ(quantile({-1.7e308, 1.7e308}, 0.5), 0);
  EXPECT_EQ(quantile({-1.7e308, 1.7e308}, 1), 1.7e308);
  EXPECT_DOUBLE_EQ(quantile({-1e300, 1e300}, 0.75), 5e299);
}

TEST_F(FleetTest, ABucketTellsHowTheHostsAreSpread) {
  double cpu = 0;
  for (const char* host : {"a", "b", "c", "d"}) add(host, 3, cpu += 10);
  add("e", 9, 100);
  const Fleet fleet = read(request(10));
  EXPECT_EQ(fleet.step, 10);
  EXPECT_EQ(fleet.hosts, 5U);
  EXPECT_EQ(fleet.combine, Combine::highest);
  // p95 of 10 20 30 40 100: at 0.95 * 4 = 3.8, so 40 + 0.8 * 60.
  EXPECT_THAT(fleet.buckets, ElementsAre(is_bucket(kStart, 5, 10, 30, 88, 100)));
  EXPECT_THAT(fleet.top, IsEmpty()) << "none was asked for";
}

TEST_F(FleetTest, AHostCountsOnceWithItsAverageHoweverManyReadingsItHas) {
  add("a", 0, 10);
  add("a", 20, 20);
  add("a", 40, 60);
  add("b", 59, 50);
  EXPECT_THAT(read(request(60)).buckets, ElementsAre(is_bucket(kStart, 2, 30, 40, 49, 50)));
}

TEST_F(FleetTest, GapsOfAHostLowerTheCountAndBucketsWithoutAnyAreLeftOut) {
  add("a", 0, 10);
  add("b", 0, 30);
  add("a", 10, 20);
  add("b", 30, 40);
  EXPECT_THAT(read(request(10)).buckets,
              ElementsAre(is_bucket(kStart, 2, 10, 20, 29, 30), is_bucket(kStart + 10, 1, 20, 20, 20, 20),
                          is_bucket(kStart + 30, 1, 40, 40, 40, 40)));
}

TEST_F(FleetTest, AHostWithoutTheMetricDoesNotCount) {
  add("a", 0, 10, {{"load1", "", 0.5}});
  add("b", 0, 30);
  add("a", 10, 10);
  const Fleet fleet = read(request(10, "load1"));
  EXPECT_EQ(fleet.hosts, 1U);
  EXPECT_THAT(fleet.buckets, ElementsAre(is_bucket(kStart, 1, 0.5, 0.5, 0.5, 0.5)));
  EXPECT_THAT(read(request(10, "load15")).buckets, IsEmpty());
}

TEST_F(FleetTest, InstancesOfASumAddUpWithoutTheLoopback) {
  const std::string metric = "network_receive_bytes_per_second";
  add("a", 0, 1, {{metric, "lo", 1000}, {metric, "eth0", 100}, {metric, "eth1", 50}});
  add("b", 0, 1, {{metric, "lo", 700}});
  const Fleet fleet = read(request(10, metric));
  EXPECT_EQ(fleet.combine, Combine::sum);
  ASSERT_THAT(fleet.buckets, SizeIs(1));
  EXPECT_EQ(fleet.buckets[0].minimum, 150);
  EXPECT_EQ(fleet.buckets[0].maximum, 700) << "where it is the only one it counts";
  FleetRequest highest = request(10, metric);
  highest.combine = Combine::highest;
  EXPECT_EQ(read(highest).buckets.at(0).maximum, 1000);
}

TEST_F(FleetTest, ASumOverInterfacesOrDisksCountsAByteOnce) {
  const std::string network = "network_receive_bytes_per_second";
  const std::string disks = "disk_read_bytes_per_second";
  protocol::Reading reading = StoreFixture::reading("a", kStart, 1,
                                                    {{network, "lo", 50},
                                                     {network, "enp1s0", 100},
                                                     {network, "enp2s0", 110},
                                                     {network, "uplink", 210},
                                                     {network, "wg0", 7},
                                                     {disks, "sda", 1000},
                                                     {disks, "dm-0", 600},
                                                     {disks, "dm-1", 30}});
  reading.facts.emplace().repeated_interfaces = {"uplink", "gone0"};
  reading.facts->repeated_disks = {"dm-0"};
  fixture_.append({reading});
  EXPECT_EQ(read(request(10, network)).buckets.at(0).maximum, 217)
      << "what the host says, whatever names say";
  EXPECT_EQ(read(request(10, disks)).buckets.at(0).maximum, 1030);
  FleetRequest one = request(10, network);
  one.instance = "uplink";
  EXPECT_EQ(read(one).buckets.at(0).maximum, 210) << "each for itself is told";
  FleetRequest highest = request(10, network);
  highest.combine = Combine::highest;
  EXPECT_EQ(read(highest).buckets.at(0).maximum, 210);
}

TEST_F(FleetTest, ASumGoesByNamesWhereTheHostDoesNotTellWhatLiesOnWhat) {
  const std::string network = "network_receive_bytes_per_second";
  add("a", 0, 1,
      {{network, "lo", 50}, {network, "eth0", 100}, {network, "eth1", 90}, {network, "bond0", 190}});
  EXPECT_EQ(read(request(10, network)).buckets.at(0).maximum, 190);
}

/// What a host had earlier in a chunk that reaches into the range is none of its instances there.
TEST_F(FleetTest, InstancesWithoutAValueInTheRangeDoNotCount) {
  fixture_.options.compact_after_readings = 1;
  fixture_.options.most_uncompacted = 0;
  fixture_.options.file_after_readings = 1;
  fixture_.reopen();
  const std::string metric = "network_receive_bytes_per_second";
  std::vector<protocol::Reading> readings;
  for (int i = -60; i < 60; ++i) {
    std::vector<protocol::Sample> loopback{{metric, "lo", 100}};
    std::vector<protocol::Sample> tunnel{{metric, "eth0", static_cast<double>(i + 60)}};
    if (i < 0) loopback.push_back({metric, "eth0", 5});
    if (i < 0) tunnel.push_back({metric, "tun0", 1000});
    readings.push_back(StoreFixture::reading("loopback", kStart + i * 10, 1, loopback));
    readings.push_back(StoreFixture::reading("tunnel", kStart + i * 10, 1, tunnel));
  }
  fixture_.append(readings);
  FleetRequest asked = request(300, metric);
  asked.top = 2;
  const auto expect_right = [&] {
    const Fleet fleet = read(asked);
    EXPECT_EQ(fleet.hosts, 2U);
    EXPECT_THAT(fleet.top, ElementsAre(is_host("loopback", 100, 100), is_host("tunnel", 89.5, 119)));
  };
  expect_right();
  fixture_.maintain();
  ASSERT_EQ(storage::detail_of(fixture_.store(), "uncompacted_readings"), 0);
  expect_right();
}

/// Such values came in before they were limited, and are kept.
TEST_F(FleetTest, WhatIsBeyondADoubleIsNoValue) {
  add("a", 0, 1, {{"own", "", 1.7e308}});
  add("b", 0, 1, {{"own", "", -1.7e308}});
  add("c", 0, 1, {{"own", "x", 1.7e308}, {"own", "y", 1.7e308}});
  add("c", 10, 1, {{"own", "x", 1e300}, {"own", "y", 1e300}});
  FleetRequest asked = request(10, "own");
  asked.top = 3;
  const Fleet fleet = read(asked);
  EXPECT_EQ(fleet.hosts, 3U);
  ASSERT_THAT(fleet.buckets, SizeIs(2));
  EXPECT_EQ(fleet.buckets[0].count, 2U) << "a sum of c's is none";
  EXPECT_EQ(fleet.buckets[0].minimum, -1.7e308);
  EXPECT_EQ(fleet.buckets[0].median, 0);
  EXPECT_EQ(fleet.buckets[0].maximum, 1.7e308);
  EXPECT_THAT(fleet.buckets[1], is_bucket(kStart + 10, 1, 2e300, 2e300, 2e300, 2e300));
  EXPECT_THAT(fleet.top, ElementsAre(is_host("a", 1.7e308, 1.7e308), is_host("c", 2e300, 2e300),
                                     is_host("b", -1.7e308, -1.7e308)));
}

TEST_F(FleetTest, OfPercentagesTheHighestInstanceCounts) {
  const std::string metric = "filesystem_used_percent";
  add("a", 0, 1, {{metric, "/", 20}, {metric, "/srv", 70}});
  add("a", 10, 1, {{metric, "/", 30}});
  const Fleet fleet = read(request(10, metric));
  EXPECT_EQ(fleet.combine, Combine::highest);
  EXPECT_THAT(fleet.buckets,
              ElementsAre(is_bucket(kStart, 1, 70, 70, 70, 70), is_bucket(kStart + 10, 1, 30, 30, 30, 30)));
  FleetRequest sum = request(60, metric);
  sum.combine = Combine::sum;
  EXPECT_EQ(read(sum).buckets.at(0).maximum, 95) << "25 and 70 on average";
}

TEST_F(FleetTest, OneInstanceCanBeAskedFor) {
  add("a", 0, 1, {{"jobs", "mail", 4}, {"jobs", "print", 5}});
  add("b", 0, 1, {{"jobs", "print", 7}});
  EXPECT_EQ(read(request(10, "jobs")).buckets.at(0).maximum, 9)
      << "what the catalogue does not know is added";
  FleetRequest asked = request(10, "jobs");
  asked.instance = "mail";
  const Fleet fleet = read(asked);
  EXPECT_EQ(fleet.hosts, 1U);
  EXPECT_THAT(fleet.buckets, ElementsAre(is_bucket(kStart, 1, 4, 4, 4, 4)));
}

TEST_F(FleetTest, WhatMetricsAreUsuallyCombinedBy) {
  for (const char* metric : {"memory_used_bytes", "disk_read_bytes_per_second", "disk_reads_per_second",
                             "filesystem_inodes_free", "of_my_own"}) {
    EXPECT_EQ(usual_combine(metric), Combine::sum) << metric;
  }
  for (const char* metric : {"cpu", "cpu_core_percent", "uptime_seconds"}) {
    EXPECT_EQ(usual_combine(metric), Combine::highest) << metric;
  }
}

TEST_F(FleetTest, TheHighestHostsByAverageAndByMaximum) {
  add("steady", 0, 50);
  add("steady", 70, 52);
  add("spiky", 0, 10);
  add("spiky", 10, 80);
  add("spiky", 70, 5);
  add("twin", 0, 50);
  add("twin", 70, 52);
  add("idle", 0, 1);
  FleetRequest asked = request(60);
  asked.top = 3;
  EXPECT_THAT(read(asked).top,
              ElementsAre(is_host("steady", 51, 52), is_host("twin", 51, 52), is_host("spiky", 25, 80)))
      << "the mean of 45 and 5; of equal ones by name";
  asked.by = FleetOrder::maximum;
  asked.top = 1;
  EXPECT_THAT(read(asked).top, ElementsAre(is_host("spiky", 25, 80)));
  asked.top = 50;
  EXPECT_THAT(read(asked).top, SizeIs(4));
}

TEST_F(FleetTest, TheMaximumOfASumOfInstancesIsItsHighestBucket) {
  add("a", 0, 1, {{"jobs", "mail", 10}, {"jobs", "print", 0}});
  add("a", 10, 1, {{"jobs", "mail", 0}, {"jobs", "print", 10}});
  FleetRequest asked = request(60, "jobs");
  asked.top = 1;
  EXPECT_THAT(read(asked).top, ElementsAre(is_host("a", 10, 10))) << "there never were 20";
  asked.combine = Combine::highest;
  EXPECT_THAT(read(asked).top, ElementsAre(is_host("a", 5, 10)));
}

TEST_F(FleetTest, TagsAndNamesChooseTheHosts) {
  add("db-1", 0, 10, {}, 10, {{"role", "db"}});
  add("db-2", 0, 20, {}, 10, {{"role", "db"}});
  add("web-1", 0, 90, {}, 10, {{"role", "web"}});
  FleetRequest asked = request(10);
  asked.tags = {{"role", "db"}};
  EXPECT_THAT(read(asked).buckets, ElementsAre(is_bucket(kStart, 2, 10, 15, 19.5, 20)));
  asked.hostnames = {"web-1", "db-2"};
  EXPECT_THAT(read(asked).buckets, ElementsAre(is_bucket(kStart, 1, 20, 20, 20, 20)));
  asked.tags.clear();
  EXPECT_EQ(read(asked).hosts, 2U);
  asked.tags = {{"role", "mail"}};
  const Fleet none = read(asked);
  EXPECT_EQ(none.hosts, 0U);
  EXPECT_THAT(none.buckets, IsEmpty());
  EXPECT_GE(none.step, 1);
}

TEST_F(FleetTest, RollUpsSayTheSameAsTheReadings) {
  fixture_.options.compact_after_readings = 1;
  fixture_.options.most_uncompacted = 0;
  fixture_.options.file_after_readings = 1;
  fixture_.reopen();
  std::vector<protocol::Reading> readings;
  for (int i = 0; i < 60; ++i) {
    readings.push_back(StoreFixture::reading("a", kStart + i * 10, i));
    readings.push_back(StoreFixture::reading("b", kStart + i * 10, 40 + i));
  }
  fixture_.append(readings);
  FleetRequest asked = request(300);
  asked.top = 2;
  const auto expect_right = [&] {
    const Fleet fleet = read(asked);
    // Of a 0 to 29 and 30 to 59, of b 40 more.
    EXPECT_THAT(fleet.buckets, ElementsAre(is_bucket(kStart, 2, 14.5, 34.5, 52.5, 54.5),
                                           is_bucket(kStart + 300, 2, 44.5, 64.5, 82.5, 84.5)));
    EXPECT_THAT(fleet.top, ElementsAre(is_host("b", 69.5, 99), is_host("a", 29.5, 59)));
  };
  expect_right();
  constexpr std::int64_t kLater = 40 * 86400;  // the readings themselves are gone then
  fixture_.maintain();
  fixture_.maintain(kStart + kLater);
  ASSERT_THAT(fixture_.cpu_of("a"), IsEmpty());
  expect_right();
}

TEST_F(FleetTest, AClockThatIsAheadFallsIntoTheSlack) {
  add("a", 650, 10);
  FleetRequest asked = request(10);
  EXPECT_EQ(read(asked).hosts, 0U);
  asked.slack = 100;
  EXPECT_THAT(read(asked).buckets, ElementsAre(is_bucket(kStart + 650, 1, 10, 10, 10, 10)));
}

}  // namespace
}  // namespace hostwatch::query
