// All collectors together on whole hosts.
#include <gtest/gtest.h>

#include <set>

#include "agent/collectors/collector_set.h"
#include "agent/collectors/registry.h"
#include "protocol/catalogue.h"
#include "protocol/names.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

/// Every value has a name, an instance if its metric has one, and lies within its range.
void expect_keeps_the_catalogue(const Collected& collected) {
  for (const protocol::Sample& sample : collected.samples) {
    const protocol::MetricDefinition* const metric = protocol::find_metric(sample.metric);
    ASSERT_NE(metric, nullptr) << sample.metric;
    EXPECT_EQ(sample.instance.empty(), metric->instance_label.empty()) << sample.metric;
    if (!sample.instance.empty()) {
      EXPECT_EQ(protocol::why_not_instance_name(sample.instance), std::nullopt) << sample.metric;
    }
    EXPECT_GE(sample.value, metric->minimum) << sample.metric;
    EXPECT_LE(sample.value, metric->maximum) << sample.metric;
  }
}

TEST(Hosts, AManyCoreMachineWithCountersPast2To53) {
  TempTree tree;
  tree.lay_out("many-core/tick1");
  CollectorSet set(make_collectors(default_collectors(), {tree.roots()}));
  const Collected first = set.collect(at(0));
  EXPECT_FALSE(first.cpu);
  EXPECT_TRUE(first.ram);
  tree.lay_out("many-core/tick2");
  const Collected second = set.collect(at(10));
  expect_keeps_the_catalogue(second);
  EXPECT_DOUBLE_EQ(second.cpu.value(), 25.1);
  EXPECT_DOUBLE_EQ(second.ram.value(), 25);
  EXPECT_TRUE(second.disk);
  const Values values = by_name(second);
  EXPECT_DOUBLE_EQ(values.at("cpu_core_percent{0}"), 100);
  EXPECT_DOUBLE_EQ(values.at("cpu_core_percent{1}"), 0);
  EXPECT_DOUBLE_EQ(values.at("cpu_core_percent{2}"), 0);
  EXPECT_DOUBLE_EQ(values.at("cpu_core_percent{255}"), 25);
  EXPECT_DOUBLE_EQ(values.at("context_switches_per_second"), 5000);
  EXPECT_DOUBLE_EQ(values.at("forks_per_second"), 12);
  EXPECT_DOUBLE_EQ(values.at("processes_running"), 37);
  EXPECT_DOUBLE_EQ(values.at("disk_reads_per_second{nvme0n1}"), 100);
  EXPECT_DOUBLE_EQ(values.at("disk_read_bytes_per_second{nvme0n1}"), 1048576);
  EXPECT_DOUBLE_EQ(values.at("disk_written_bytes_per_second{nvme0n1}"), 8192);
  EXPECT_DOUBLE_EQ(values.at("disk_busy_percent{nvme0n1}"), 25);
  EXPECT_DOUBLE_EQ(values.at("disk_reads_per_second{nvme10n1}"), 0);
  EXPECT_DOUBLE_EQ(values.at("disk_writes_per_second{dm-1}"), 1);
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{bond0}"), 1250000);
  EXPECT_DOUBLE_EQ(values.at("network_receive_packets_per_second{bond0}"), 1000);
  EXPECT_DOUBLE_EQ(values.at("network_receive_drops_per_second{bond0}"), 0.5);
  EXPECT_DOUBLE_EQ(values.at("network_transmit_errors_per_second{bond0}"), 0.1);
  EXPECT_DOUBLE_EQ(values.at("network_receive_bytes_per_second{lo}"), 0);
  EXPECT_DOUBLE_EQ(values.at("pressure_some_percent{cpu}"), 25);
  EXPECT_DOUBLE_EQ(values.at("pressure_full_percent{io}"), 0.5);
  EXPECT_DOUBLE_EQ(values.at("uptime_seconds"), 98765443);
  EXPECT_DOUBLE_EQ(values.at("load15"), 58.4);
  for (const char* absent : {"disk_reads_per_second{nvme0n1p1}", "disk_reads_per_second{sda}",
                             "disk_reads_per_second{loop0}", "disk_reads_per_second{sr0}",
                             "disk_reads_per_second{zram0}", "network_receive_bytes_per_second{veth12ab3c4}",
                             "network_receive_bytes_per_second{dummy0}", "pressure_full_percent{cpu}"}) {
    EXPECT_FALSE(values.contains(absent)) << absent;
  }
}

TEST(Hosts, AnOldKernelWithoutMemAvailableAndPressure) {
  TempTree tree;
  tree.lay_out("old-kernel");
  CollectorSet set(make_collectors(default_collectors(), {tree.roots()}));
  set.collect(at(0));
  const Collected second = set.collect(at(1));
  expect_keeps_the_catalogue(second);
  EXPECT_EQ(second.cpu, 0) << "no time went by for its processor";
  EXPECT_DOUBLE_EQ(second.ram.value(), 56);
  const Values values = by_name(second);
  EXPECT_DOUBLE_EQ(values.at("swap_total_bytes"), 0);
  EXPECT_DOUBLE_EQ(values.at("disk_reads_per_second{sda}"), 0);
  EXPECT_DOUBLE_EQ(values.at("network_transmit_bytes_per_second{eth0}"), 0);
  EXPECT_FALSE(values.contains("pressure_some_percent{io}"));
}

TEST(Hosts, AVirtualMachineAsItWasFound) {
  TempTree tree;
  tree.lay_out("debian-12-vm");
  CollectorSet set(make_collectors(default_collectors(), {tree.roots()}));
  set.collect(at(0));
  const Collected second = set.collect(at(1));
  expect_keeps_the_catalogue(second);
  EXPECT_DOUBLE_EQ(second.ram.value(), 2.7);
  std::set<std::string> file_systems;
  std::set<std::string> disks;
  std::set<std::string> interfaces;
  for (const protocol::Sample& sample : second.samples) {
    if (sample.metric == "filesystem_size_bytes") file_systems.insert(sample.instance);
    if (sample.metric == "disk_busy_percent") disks.insert(sample.instance);
    if (sample.metric == "network_receive_bytes_per_second") interfaces.insert(sample.instance);
  }
  EXPECT_EQ(file_systems, (std::set<std::string>{"/"}));
  EXPECT_EQ(disks, (std::set<std::string>{"vda"}));
  EXPECT_EQ(interfaces, (std::set<std::string>{"docker0", "eth0", "lo"}));
}

TEST(Hosts, ThisMachine) {
  CollectorSet set(make_collectors(default_collectors(), {}));
  set.collect(at(0));
  const Collected second = set.collect(at(1));
  expect_keeps_the_catalogue(second);
  EXPECT_TRUE(second.ram);
  EXPECT_TRUE(second.disk);
  EXPECT_TRUE(by_name(second).contains("load1"));
  EXPECT_TRUE(by_name(second).contains("uptime_seconds"));
}

TEST(Hosts, AnEmptyOneStillHasARootAndDoesNotEndTheAgent) {
  TempTree tree;
  CollectorSet set(make_collectors(default_collectors(), {tree.roots()}));
  const Collected collected = set.collect(at(0));
  EXPECT_FALSE(collected.cpu);
  EXPECT_FALSE(collected.ram);
  EXPECT_TRUE(collected.disk);
  for (const protocol::Sample& sample : collected.samples) {
    EXPECT_EQ(sample.metric, "agent_collector_failing") << "there is nothing else to say";
  }
}

TEST(Hosts, FilesCutOffAnywhereGiveNoAbsurdValue) {
  TempTree whole;
  whole.lay_out("debian-12-vm");
  for (const char* name :
       {"stat", "meminfo", "diskstats", "net/dev", "loadavg", "uptime", "pressure/io", "self/mountinfo"}) {
    std::ifstream file(whole.path("proc/" + std::string(name)), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    for (std::size_t length = 0; length < text.size(); length += 1 + text.size() / 40) {
      TempTree tree;
      tree.lay_out("debian-12-vm");
      CollectorSet set(make_collectors(default_collectors(), {tree.roots()}));
      set.collect(at(0));
      tree.write("proc/" + std::string(name), text.substr(0, length));
      const Collected cut = set.collect(at(1));
      expect_keeps_the_catalogue(cut);
      for (const protocol::Sample& sample : cut.samples) {
        if (!sample.metric.ends_with("_per_second")) continue;
        EXPECT_EQ(sample.value, 0) << sample.metric << " " << name << " cut to " << length;
      }
    }
  }
}

}  // namespace
}  // namespace hostwatch::agent::test
