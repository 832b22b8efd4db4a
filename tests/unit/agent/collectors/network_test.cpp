#include "agent/collectors/network.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

constexpr std::string_view kHead =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
    "carrier "
    "compressed\n";

std::string with_head(std::string_view lines) {
  return std::string(kHead) + std::string(lines);
}

NetworkStats stats_of(std::string_view text, std::span<const InterfaceKind> kinds = {}) {
  return parse_network_stats(parse_interface_table(text), kinds);
}

/// A line of an interface that received so many bytes.
std::string counted(const std::string& name, std::uint64_t bytes) {
  return "  " + name + ": " + std::to_string(bytes) + " 2 0 0 0 0 0 0 9 9 0 0 0 0 0 0\n";
}

TEST(NetworkStats, ReadsTheCountersItNeeds) {
  const NetworkStats stats = stats_of(with_head("  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"));
  ASSERT_EQ(stats.interfaces.size(), 1U);
  EXPECT_EQ(stats.interfaces[0].name, "eth0");
  EXPECT_EQ(stats.interfaces[0].counters, (std::array<std::uint64_t, 8>{1, 2, 3, 4, 9, 10, 11, 12}));
  EXPECT_EQ(stats.malformed, 0U);
}

TEST(NetworkStats, OldKernelsPutNoBlankBehindTheColon) {
  const NetworkStats stats = stats_of("eth0:123 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  ASSERT_EQ(stats.interfaces.size(), 1U);
  EXPECT_EQ(stats.interfaces[0].counters[0], 123U);
}

TEST(NetworkStats, LeavesOutTheCablesAmongTheKinds) {
  const std::string text = with_head(counted("veth1a2b3c", 1) + counted("eth0", 2) + counted("br0", 3));
  const std::array kinds{InterfaceKind::cable, InterfaceKind::own};
  const NetworkStats stats = stats_of(text, kinds);
  ASSERT_EQ(stats.interfaces.size(), 2U);
  EXPECT_EQ(stats.interfaces[0].name, "eth0");
  EXPECT_TRUE(stats.interfaces[0].is_own);
  EXPECT_EQ(stats.interfaces[1].name, "br0");
  EXPECT_FALSE(stats.interfaces[1].is_own);
}

TEST(NetworkStats, ANameEndsAtTheLastColon) {
  const std::string text =
      with_head(counted("eth0", 1) + counted("eth0:2", 2) + "a:b:7 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  EXPECT_EQ(parse_interface_table(text).names, (std::vector<std::string_view>{"eth0", "eth0:2", "a:b"}));
  const NetworkStats stats = stats_of(text);
  ASSERT_EQ(stats.interfaces.size(), 3U);
  EXPECT_EQ(stats.interfaces[1].name, "eth0:2");
  EXPECT_EQ(stats.interfaces[1].counters[0], 2U);
  EXPECT_EQ(stats.interfaces[2].counters[0], 7U);
  EXPECT_EQ(stats.malformed, 0U);
}

TEST(NetworkStats, NamesCanBeShown) {
  const NetworkStats stats = stats_of("e\xFFx: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  ASSERT_EQ(stats.interfaces.size(), 1U);
  EXPECT_EQ(stats.interfaces[0].name, "e\xEF\xBF\xBDx");
}

TEST(NetworkStats, CountsTheLinesItCannotUnderstand) {
  EXPECT_EQ(stats_of("eth0 1 2 3\n").malformed, 1U);
  EXPECT_EQ(stats_of("eth0: 1 2 3\n").malformed, 1U);
  EXPECT_EQ(stats_of("eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -16\n").malformed, 1U);
  EXPECT_EQ(stats_of(": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n").malformed, 1U);
  EXPECT_EQ(stats_of("eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16").malformed, 1U) << "cut off";
}

class NetworkCollectorTest : public testing::Test {
 protected:
  Collected collect(double seconds, std::string_view lines) {
    tree_.write("proc/net/dev", with_head(lines));
    return tick(collector_, at(seconds));
  }

  TempTree tree_;
  NetworkCollector collector_{tree_.roots()};
};

TEST_F(NetworkCollectorTest, RatesOfEachInterfaceLoopbackIncluded) {
  EXPECT_TRUE(collect(0, "lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n").samples.empty());
  EXPECT_EQ(by_name(collect(2, "lo: 1000 10 1 3 0 0 0 0 4000 20 5 7 0 0 0 0\n")),
            (Values{{"network_receive_bytes_per_second{lo}", 500},
                    {"network_receive_packets_per_second{lo}", 5},
                    {"network_receive_errors_per_second{lo}", 0.5},
                    {"network_receive_drops_per_second{lo}", 1.5},
                    {"network_transmit_bytes_per_second{lo}", 2000},
                    {"network_transmit_packets_per_second{lo}", 10},
                    {"network_transmit_errors_per_second{lo}", 2.5},
                    {"network_transmit_drops_per_second{lo}", 3.5}}));
}

TEST_F(NetworkCollectorTest, AQuietInterfaceIsZeroAndOneThatWasNeverUsedAbsent) {
  const std::string_view lines =
      "eth0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\ndummy0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
  collect(0, lines);
  const Values values = by_name(collect(1, lines));
  EXPECT_EQ(values.size(), 8U);
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{eth0}"), 0);
}

TEST_F(NetworkCollectorTest, A32BitCounterThatWrapsIsLeftOutForOneTick) {
  collect(0, "eth0: 4294967290 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n");
  const Values values = by_name(collect(1, "eth0: 100 2 0 0 0 0 0 0 6 1 0 0 0 0 0 0\n"));
  EXPECT_FALSE(values.contains("network_receive_bytes_per_second{eth0}"));
  EXPECT_DOUBLE_EQ(values.at("network_transmit_bytes_per_second{eth0}"), 1);
}

TEST_F(NetworkCollectorTest, OfAMountedHostProcessOneSpeaks) {
  TempTree host;
  host.write("proc/net/dev", with_head("container0: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n"));
  host.write("proc/1/net/dev", with_head("host0: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n"));
  NetworkCollector collector(host.roots());
  tick(collector, at(0));
  const Values values = by_name(tick(collector, at(1)));
  EXPECT_TRUE(values.contains("network_receive_bytes_per_second{host0}"));
  EXPECT_EQ(values.size(), 8U);
}

TEST_F(NetworkCollectorTest, HundredsOfGuestsCablesDoNotPushTheMachinesOwnInterfaceOut) {
  const auto table = [](std::uint64_t bytes) {
    std::string lines = counted("lo", 1);
    for (int i = 0; i < 150; ++i) lines += counted("cali" + std::to_string(i), 1);
    for (int i = 0; i < 150; ++i) lines += counted("br-" + std::to_string(i), 1);
    return lines + counted("eth0", bytes);
  };
  collect(0, table(1000));
  Collected collected = collect(1, table(6000));
  collected.limit_samples(500);
  const Values values = by_name(collected);
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{eth0}"), 5000);
  EXPECT_FALSE(values.contains("network_receive_bytes_per_second{cali0}"));
  EXPECT_TRUE(values.contains("network_receive_bytes_per_second{br-0}"));
}

TEST_F(NetworkCollectorTest, AnAliasIsAnInterface) {
  collect(0, counted("eth0", 1000) + counted("eth0:2", 500));
  const Values values = by_name(collect(1, counted("eth0", 3000) + counted("eth0:2", 1500)));
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{eth0}"), 2000);
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{eth0:2}"), 1000);
}

TEST_F(NetworkCollectorTest, InterfacesComeAndGo) {
  collect(0, counted("eth0", 1000));
  collect(1, counted("veth1", 5) + counted("wg0", 1) + counted("eth0", 2000));
  const Values values = by_name(collect(2, counted("wg0", 11) + counted("veth1", 9) + counted("eth0", 4000)));
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{eth0}"), 2000);
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{wg0}"), 10);
  EXPECT_FALSE(values.contains("network_receive_bytes_per_second{veth1}"));
}

TEST_F(NetworkCollectorTest, AnEmptyFileIsAFailureAndNoFileIsNot) {
  EXPECT_TRUE(tick(collector_, at(0)).samples.empty());
  tree_.write("proc/net/dev", "");
  EXPECT_THROW(tick(collector_, at(1)), CollectorError);
}

}  // namespace
}  // namespace hostwatch::agent::test
