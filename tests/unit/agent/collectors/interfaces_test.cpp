#include "agent/collectors/interfaces.h"

#include <gtest/gtest.h>
#include <net/if_arp.h>

#include <filesystem>

#include "agent/collectors/facts/repeated_facts.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

using protocol::RepeatedInstances;
using Kinds = std::vector<InterfaceKind>;

constexpr auto kOwn = InterfaceKind::own;
constexpr auto kOther = InterfaceKind::other;
constexpr auto kCable = InterfaceKind::cable;

InterfaceLinks hardware(const std::string& name, std::int64_t index, const std::string& master = "") {
  InterfaceLinks links;
  links.name = name;
  links.has_device = true;
  links.type = ARPHRD_ETHER;
  links.index = links.link = index;
  links.master = master;
  return links;
}

InterfaceLinks above(const std::string& name, std::int64_t index, std::vector<std::string> lowers = {}) {
  InterfaceLinks links = hardware(name, index);
  links.has_device = false;
  links.lowers = std::move(lowers);
  return links;
}

/// What a container sees as its own: the other end is elsewhere.
InterfaceLinks end_of_cable(const std::string& name, std::int64_t index, std::int64_t other) {
  InterfaceLinks links = above(name, index);
  links.link = other;
  return links;
}

TEST(CableNames, AreThoseOfGuests) {
  for (const char* name : {"veth1a2b3c", "cali0123456789a", "lxc0a1b2c3d4e5f", "lxc_health", "cilium_host",
                           "cilium_vxlan", "tap101i0", "vnet12", "fwbr101i0", "fwpr101p0", "fwln101i0",
                           "vif3.0", "qvo1234abcd-56", "eni0123456789a", "ve-shop"}) {
    EXPECT_TRUE(has_cable_name(name)) << name;
  }
  for (const char* name : {"eth0", "lo", "lxcbr0", "lxdbr0", "br0", "vmbr0", "docker0", "virbr0", "vnets",
                           "bond0", "wg0", "tun0", "enp3s0", "eni0", "vifs", "venet0"}) {
    EXPECT_FALSE(has_cable_name(name)) << name;
  }
}

TEST(HardwareNames, AreThoseOfTheKernelAndOfSystemd) {
  for (const char* name :
       {"eth0", "eno1", "ens18", "enp3s0f1", "enx001122334455", "wlan0", "wlp2s0", "wwan0", "ib0"})
    EXPECT_TRUE(has_hardware_name(name)) << name;
  for (const char* name : {"lo", "br0", "bond0", "docker0", "ethereum", "veth0", "ibx"})
    EXPECT_FALSE(has_hardware_name(name)) << name;
}

TEST(RepeatedInterfaces, ABondBesideItsPortsAndWhatLiesOnIt) {
  const std::vector<InterfaceLinks> all{hardware("eth0", 2, "bond0"), hardware("eth1", 3, "bond0"),
                                        above("bond0", 4, {"eth0", "eth1"}), above("bond0.7", 5, {"bond0"}),
                                        above("vmbr0", 6, {"bond0.7"})};
  EXPECT_EQ(repeated_interfaces(all), (RepeatedInstances{"bond0", "bond0.7", "vmbr0"}));
}

TEST(RepeatedInterfaces, WhatPassesBetweenContainersAndThroughTunnels) {
  InterfaceLinks tunnel = above("wg0", 6);
  tunnel.type = ARPHRD_NONE;
  const std::vector<InterfaceLinks> all{hardware("eth0", 2), above("docker0", 4), above("br-1a2b", 5),
                                        tunnel};
  EXPECT_EQ(repeated_interfaces(all), (RepeatedInstances{"docker0", "br-1a2b", "wg0"}));
}

TEST(RepeatedInterfaces, NoneOfTwoCardsIsOne) {
  EXPECT_TRUE(repeated_interfaces(std::vector{hardware("eth0", 2), hardware("wlan0", 3)}).empty());
  EXPECT_TRUE(repeated_interfaces({}).empty());
}

TEST(RepeatedInterfaces, OfHardwareTheOneThatAnotherCountsToo) {
  // Hyper-V: eth0 counts what its fast path counts.
  EXPECT_EQ(repeated_interfaces(std::vector{hardware("eth0", 2), hardware("enP1s2", 3, "eth0")}),
            RepeatedInstances{"enP1s2"});
  // A switch chip: all its ports lead through eth0.
  InterfaceLinks lan = hardware("lan1", 3);
  lan.lowers = {"eth0"};
  EXPECT_EQ(repeated_interfaces(std::vector{hardware("eth0", 2), lan}), RepeatedInstances{"lan1"});
  InterfaceLinks part = hardware("enp3s0_0", 4);
  part.is_representor = true;
  EXPECT_EQ(repeated_interfaces(std::vector{hardware("enp3s0", 2), part}), RepeatedInstances{"enp3s0_0"});
}

TEST(RepeatedInterfaces, InAContainerItsOwnEndCounts) {
  EXPECT_EQ(repeated_interfaces(
                std::vector{end_of_cable("eth0", 2, 15), above("docker0", 3), above("br0", 4, {"eth0"})}),
            (RepeatedInstances{"br0", "docker0"}));
  // Neither hardware nor cables (OpenVZ): what lies on nothing.
  EXPECT_EQ(repeated_interfaces(std::vector{above("venet0", 2), above("vlan5", 3, {"venet0"})}),
            RepeatedInstances{"vlan5"});
}

TEST(RepeatedInterfaces, InAContainerATunnelOverItsOwnEndRepeatsIt) {
  InterfaceLinks tunnel = end_of_cable("gretap1", 3, 2);
  tunnel.tells_carrier = false;
  EXPECT_EQ(repeated_interfaces(std::vector{end_of_cable("eth0", 2, 15), tunnel}),
            RepeatedInstances{"gretap1"});
}

TEST(EndsOfCables, AreThoseWhoseOtherEndIsElsewhere) {
  const InterfaceLinks end = end_of_cable("pod", 9, 2);
  EXPECT_TRUE(is_end_of_cable(end, std::vector{end}));
  EXPECT_TRUE(is_end_of_cable(end, std::vector{hardware("eth0", 2), end}))
      << "each namespace counts from 1: the pod's own end is its number 2";
  InterfaceLinks tunnel = end_of_cable("gretap1", 9, 2);
  tunnel.tells_carrier = false;
  EXPECT_FALSE(is_end_of_cable(tunnel, std::vector{hardware("eth0", 2), tunnel}));
  EXPECT_TRUE(is_end_of_cable(tunnel, std::vector{hardware("eth0", 3), tunnel})) << "it was moved away";
  const std::vector pair{end_of_cable("to-br1", 7, 8), end_of_cable("to-br0", 8, 7)};
  EXPECT_FALSE(is_end_of_cable(pair[0], pair));
  EXPECT_FALSE(is_end_of_cable(pair[1], pair));
}

class InterfacesOfATree : public testing::Test {
 protected:
  void add(const std::string& name, int index, int link, const std::string& lower = "",
           const std::string& master = "") {
    const std::string folder = "sys/class/net/" + name;
    tree_.write(folder + "/ifindex", std::to_string(index) + "\n");
    tree_.write(folder + "/iflink", std::to_string(link) + "\n");
    tree_.write(folder + "/type", "1\n");
    if (!lower.empty()) link_to("../" + lower, folder + "/lower_" + lower);
    if (!master.empty()) link_to("../" + master, folder + "/master");
    table_ += "  " + name + ": 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n";
    tree_.write("proc/net/dev", table_);
  }
  void add_hardware(const std::string& name, int index, const std::string& master = "") {
    tree_.write("sys/class/net/" + name + "/device/uevent", "");
    add(name, index, index, "", master);
  }
  void link_to(const std::string& target, const std::string& path) {
    std::filesystem::create_directory_symlink(target, tree_.path(path));
  }
  protocol::HostFacts facts() const {
    protocol::HostFacts facts;
    read_repeated_instances(tree_.roots(), sent_, facts);
    return facts;
  }

  std::vector<protocol::Sample> sent_;
  TempTree tree_;
  std::string table_;
};

TEST_F(InterfacesOfATree, AreReadWithWhatTheyLieOn) {
  add_hardware("eth0", 2, "bond0");
  add("bond0", 3, 3, "eth0");
  const auto port = read_interface_links(tree_.roots(), "eth0");
  ASSERT_TRUE(port);
  EXPECT_TRUE(port->has_device);
  EXPECT_EQ(port->index, 2);
  EXPECT_EQ(port->master, "bond0");
  const auto bond = read_interface_links(tree_.roots(), "bond0");
  ASSERT_TRUE(bond);
  EXPECT_FALSE(bond->has_device);
  EXPECT_EQ(bond->lowers, std::vector<std::string>{"eth0"});
  for (const char* name : {"eth9", "", ".", "..", "../net/eth0", "/"})
    EXPECT_FALSE(read_interface_links(tree_.roots(), name)) << name;
}

TEST_F(InterfacesOfATree, AreTheMachinesOwnByTheirHardwareAndCablesByTheirLinks) {
  add_hardware("uplink", 2);
  add("ovs-system", 3, 3);
  add("0a1b2c3d4e5f678", 9, 2, "", "ovs-system");  // OVN names the ends of cables so
  add_hardware("tap0", 4);
  InterfaceKinds kinds(tree_.roots());
  const std::vector<std::string_view> names{"uplink", "ovs-system", "0a1b2c3d4e5f678",
                                            "tap0",   "cali1",      "eth7"};
  const auto found = kinds.of(names);
  EXPECT_EQ(Kinds(found.begin(), found.end()), (Kinds{kOwn, kOther, kCable, kOwn, kCable, kOwn}))
      << "the last two are not in sysfs: their names tell";
}

TEST_F(InterfacesOfATree, TheMachinesOwnTunnelsAndPairsAreNoCables) {
  add("office", 9, 2, "", "br0");  // a gretap that is bound to eth0
  tree_.write("sys/class/net/office/operstate", "unknown\n");
  add_hardware("eth0", 2);
  add("br0", 3, 3);
  add("to-br1", 7, 8, "", "br0");
  add("to-br0", 8, 7, "", "br1");
  add("pod-7", 10, 2, "", "br0");
  for (const char* end : {"to-br1", "to-br0", "pod-7"})
    tree_.write("sys/class/net/" + std::string(end) + "/operstate", "up\n");
  InterfaceKinds kinds(tree_.roots());
  const std::vector<std::string_view> names{"office", "eth0", "br0", "to-br1", "to-br0", "pod-7"};
  const auto found = kinds.of(names);
  EXPECT_EQ(Kinds(found.begin(), found.end()), (Kinds{kOther, kOwn, kOther, kOther, kOther, kCable}));
  EXPECT_EQ(facts().repeated_interfaces, (RepeatedInstances{"br0", "office", "to-br0", "to-br1"}));
}

TEST_F(InterfacesOfATree, WhereThereIsNothingButCablesTheyAreShown) {
  InterfaceKinds kinds(tree_.roots());
  const std::vector<std::string_view> names{"lo", "tap0"};
  const auto found = kinds.of(names);
  EXPECT_EQ(Kinds(found.begin(), found.end()), (Kinds{kOther, kOther}));
}

TEST_F(InterfacesOfATree, TellTheFactsWhichRepeat) {
  add("lo", 1, 1);
  add_hardware("eth0", 2, "bond0");
  add_hardware("eth1", 3, "bond0");
  add("bond0", 4, 4, "eth0");
  add("docker0", 5, 5);
  add("veth9", 7, 2, "", "docker0");
  EXPECT_EQ(facts().repeated_interfaces, (RepeatedInstances{"bond0", "docker0"}));
}

TEST_F(InterfacesOfATree, AnAliasRepeatsItsInterface) {
  add_hardware("eth0", 2);
  tree_.write("proc/net/dev", table_ + "eth0:2: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
  EXPECT_EQ(facts().repeated_interfaces, RepeatedInstances{"eth0:2"});
}

TEST_F(InterfacesOfATree, WithoutSysfsOrWithThatOfAnotherNamespaceNobodyKnows) {
  EXPECT_EQ(facts(), protocol::HostFacts()) << "nothing at all is there";
  add_hardware("eth0", 2);
  tree_.write("proc/net/dev", table_ + "docker0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
  EXPECT_FALSE(facts().repeated_interfaces) << "sysfs does not have docker0";
  tree_.remove("sys");
  EXPECT_FALSE(facts().repeated_interfaces);
}

TEST_F(InterfacesOfATree, OfMoreThanAListHoldsThoseThatAreSentAreNamed) {
  add_hardware("eth0", 2);
  for (int i = 0; i < 200; ++i) add("ppp" + std::to_string(i), 10 + i, 10 + i);
  for (int i = 150; i < 200; ++i)
    sent_.push_back({"network_receive_bytes_per_second", "ppp" + std::to_string(i), 1});
  const auto repeated = facts().repeated_interfaces;
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->size(), protocol::kMostRepeated);
  for (const protocol::Sample& sample : sent_) EXPECT_TRUE(repeated->contains(sample.instance));
}

class DisksOfATree : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& slave = "") {
    tree_.write("sys/block/" + name + "/size", "1\n");
    std::filesystem::create_directories(tree_.path("sys/block/" + name + "/slaves"));
    if (!slave.empty()) tree_.write("sys/block/" + name + "/slaves/" + slave, "");
    table_ += "8 0 " + name + " 1 0 8 0 0 0 0 0 0 3 0\n";
    tree_.write("proc/diskstats", table_);
  }
  std::optional<RepeatedInstances> repeated() const {
    protocol::HostFacts facts;
    read_repeated_instances(tree_.roots(), sent_, facts);
    return facts.repeated_disks;
  }
  /// sda, and as many volumes on it.
  void add_volumes(int count) {
    add("sda");
    for (int i = 0; i < count; ++i) add("dm-" + std::to_string(i), "sda");
  }
  void send(const std::string& name) { sent_.push_back({"disk_read_bytes_per_second", name, 1}); }

  std::vector<protocol::Sample> sent_;
  TempTree tree_;
  std::string table_;
};

TEST_F(DisksOfATree, VolumesAndArraysRepeatWhatTheyLieOn) {
  add("sda");
  add("sdb");
  add("md0", "sda");
  add("dm-0", "md0");
  add("bcache0", "sdb");
  add("zd16");
  EXPECT_EQ(repeated(), (RepeatedInstances{"bcache0", "dm-0", "md0", "zd16"}));
}

TEST_F(DisksOfATree, WhatLiesOnNothingCountsBytesOfItsOwn) {
  add("dm-0");  // its disk is another machine's, or none
  add("vda");
  EXPECT_EQ(repeated(), RepeatedInstances());
}

TEST_F(DisksOfATree, OfMoreThanAListHoldsThoseThatAreSentAreNamed) {
  add_volumes(300);
  send("sda");
  for (int i = 3; i < 92; ++i) send("dm-" + std::to_string(i));
  send("dm-299");
  const auto some = repeated();
  ASSERT_TRUE(some);
  for (const protocol::Sample& sample : sent_)
    EXPECT_EQ(some->contains(sample.instance), sample.instance != "sda");
  EXPECT_EQ(some->size(), protocol::kMostRepeated);
  EXPECT_TRUE(some->contains("dm-0")) << "the room that is left is for what may be sent next";
  EXPECT_TRUE(some->contains("dm-95"));
  EXPECT_FALSE(some->contains("dm-298"));
}

TEST_F(DisksOfATree, WhereAListWouldLackOneThatIsSentThereIsNone) {
  add_volumes(300);
  for (int i = 0; i < 128; ++i) send("dm-" + std::to_string(i));
  EXPECT_TRUE(repeated());
  send("dm-127");  // another metric of it
  EXPECT_TRUE(repeated());
  send("dm-128");
  EXPECT_FALSE(repeated()) << "the server goes by the names";
}

TEST_F(DisksOfATree, WhatIsSentAsSomethingElseIsNoDisk) {
  add_volumes(300);
  sent_.push_back({"filesystem_used_percent", "dm-299", 1});
  EXPECT_FALSE(repeated().value().contains("dm-299"));
}

TEST_F(DisksOfATree, WithoutSysfsNobodyKnows) {
  add("dm-0", "sda");
  tree_.remove("sys");
  EXPECT_FALSE(repeated());
}

}  // namespace
}  // namespace hostwatch::agent::test
