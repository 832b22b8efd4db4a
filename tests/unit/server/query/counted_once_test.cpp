// Which instances of a host's interfaces and disks a sum takes.
#include "server/query/counted_once.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Names = std::vector<std::string>;

Names counted(const Names& instances, const std::string& label, const protocol::HostFacts& facts = {}) {
  const std::vector<bool> is_counted = counted_once(instances, label, facts);
  Names names;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (is_counted.at(i)) names.push_back(instances[i]);
  }
  return names;
}

/// It has looked, and each counts bytes of its own.
const protocol::RepeatedInstances kNone;

protocol::HostFacts facts(std::optional<protocol::RepeatedInstances> interfaces,
                          std::optional<protocol::RepeatedInstances> disks = {}) {
  protocol::HostFacts result;
  result.repeated_interfaces = std::move(interfaces);
  result.repeated_disks = std::move(disks);
  return result;
}

TEST(CountedOnce, InterfacesAndDisksLieOnOneAnotherAndNothingElse) {
  EXPECT_TRUE(may_count_twice("interface"));
  EXPECT_TRUE(may_count_twice("device"));
  for (const char* label : {"", "core", "mountpoint", "state"}) EXPECT_FALSE(may_count_twice(label)) << label;
}

TEST(CountedOnce, WhatTheHostNamesIsLeftOut) {
  const protocol::HostFacts known = facts({{"bond0", "vlan10"}}, {{"dm-0", "md0"}});
  EXPECT_THAT(counted({"bond0", "eth0", "eth1", "lo", "vlan10"}, "interface", known),
              ElementsAre("eth0", "eth1"));
  EXPECT_THAT(counted({"dm-0", "md0", "sda", "sdb"}, "device", known), ElementsAre("sda", "sdb"));
}

TEST(CountedOnce, WhatTheHostDoesNotNameCountsWhateverItIsCalled) {
  EXPECT_THAT(counted({"eth0", "lo", "wg0", "docker0"}, "interface", facts(kNone)),
              ElementsAre("eth0", "wg0", "docker0"));
  EXPECT_THAT(counted({"dm-0", "sda"}, "device", facts({}, kNone)), ElementsAre("dm-0", "sda"));
  EXPECT_THAT(counted({"dm-0", "sda"}, "device", facts(kNone)), ElementsAre("sda"))
      << "what it says of interfaces tells nothing of disks";
}

TEST(CountedOnce, WhereTheHostTellsNothingNamesDo) {
  for (const char* name :
       {"bond0", "team0",      "br-3fa1",   "br0",       "vmbr1",       "docker0", "podman0",     "virbr0",
        "cni0",  "flannel.1",  "veth12ab",  "cali99",    "lxc7",        "lxdbr0",  "cilium_host", "tap100i0",
        "vnet3", "fwbr100i0",  "fwpr100p0", "fwln100i0", "tun0",        "wg0",     "vlan20",      "vxlan7",
        "sit0",  "tailscale0", "eth0.10",   "eth0:1",    "eth0.10@eth0"}) {
    EXPECT_THAT(counted({name, "eth0"}, "interface"), ElementsAre("eth0")) << name;
  }
  for (const char* name : {"dm-3", "md127", "bcache0", "drbd1", "zd16"})
    EXPECT_THAT(counted({name, "sda"}, "device"), ElementsAre("sda")) << name;
}

TEST(CountedOnce, NamesThatOnlyBeginAlikeCount) {
  for (const char* name : {"eth1", "wlan0", "wwan0", "enp3s0", "brocade0", "br", "eno1.5", "ppp0", "ib0"})
    EXPECT_THAT(counted({"eth0", name}, "interface"), ElementsAre("eth0", name)) << name;
  for (const char* name : {"sdb", "nvme0n1", "mdx", "vda", "mmcblk0", "zdisk"})
    EXPECT_THAT(counted({"sda", name}, "device"), ElementsAre("sda", name)) << name;
}

TEST(CountedOnce, WhatWouldLeaveNothingIsNotDone) {
  EXPECT_THAT(counted({"lo"}, "interface"), ElementsAre("lo"));
  EXPECT_THAT(counted({"lo", "tun0"}, "interface"), ElementsAre("tun0"));
  EXPECT_THAT(counted({"dm-0", "dm-1"}, "device"), ElementsAre("dm-0", "dm-1"));
  EXPECT_THAT(counted({"eth0", "lo"}, "interface", facts({{"eth0", "lo"}})), ElementsAre("eth0"));
  EXPECT_THAT(counted({}, "interface"), IsEmpty());
}

}  // namespace
}  // namespace hostwatch::query
