#include "server/delivery/destination_policy.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace hostwatch::delivery {
namespace {

using testing::HasSubstr;

std::string refused(const DestinationPolicy& policy, const std::string& address, std::uint16_t port = 443,
                    bool from_file = false) {
  return why_refused(policy, net::parse_address(address).value(), port, from_file);
}

struct Row {
  const char* address;
  const char* why;                    ///< a part of it; empty: allowed
  const char* why_of_file = nullptr;  ///< of a channel of the configuration file, if it differs
};

class AddressTable : public testing::TestWithParam<Row> {};

TEST_P(AddressTable, IsJudgedByWhereItLeads) {
  const auto& [address, why, why_of_file] = GetParam();
  const auto expect = [](const std::string& given, const std::string& wanted) {
    if (wanted.empty()) {
      EXPECT_EQ(given, "");
    } else {
      EXPECT_THAT(given, HasSubstr(wanted));
    }
  };
  expect(refused({}, address), why);
  expect(refused({}, address, 443, true), why_of_file == nullptr ? why : why_of_file);
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, AddressTable,
    testing::Values(
        Row{"203.0.113.9", ""}, Row{"2001:db8::1", ""}, Row{"10.1.2.3", ""}, Row{"192.168.1.10", ""},
        Row{"172.16.0.1", ""}, Row{"fd12:3456::1", ""}, Row{"100.64.0.1", ""}, Row{"126.255.255.255", ""},
        Row{"128.0.0.0", ""},
        // this machine
        Row{"127.0.0.1", "this machine", ""}, Row{"127.255.255.254", "this machine", ""},
        Row{"::1", "this machine", ""}, Row{"::ffff:127.0.0.1", "this machine", ""},
        // never
        Row{"0.0.0.0", "unspecified"}, Row{"0.1.2.3", "unspecified"}, Row{"::", "unspecified"},
        Row{"169.254.169.254", "link-local"}, Row{"169.254.0.1", "link-local"}, Row{"fe80::1", "link-local"},
        Row{"febf::1", "link-local"}, Row{"224.0.0.1", "multicast"}, Row{"239.255.255.250", "multicast"},
        Row{"ff02::1", "multicast"}, Row{"255.255.255.255", "broadcast"}, Row{"240.0.0.1", "reserved"},
        Row{"fd00:ec2::254", "metadata"}, Row{"100.100.100.200", "metadata"},
        Row{"168.63.129.16", "metadata"},
        // the same within IPv6
        Row{"::ffff:169.254.169.254", "link-local"}, Row{"64:ff9b::169.254.169.254", "link-local"},
        Row{"64:ff9b::127.0.0.1", "this machine", ""}, Row{"64:ff9b::8.8.8.8", ""},
        Row{"64:ff9b:1::169.254.169.254", "link-local"}, Row{"64:ff9b:1:a9fe:a9:fe00::", "link-local"},
        Row{"2002:a9fe:a9fe::1", "link-local"}, Row{"2002:7f00:1::", "this machine", ""},
        Row{"2002:808:808::1", ""}, Row{"::169.254.169.254", "link-local"},
        Row{"::7f00:1", "this machine", ""}, Row{"::ffff:0:169.254.169.254", "link-local"},
        Row{"2001:db8::5efe:169.254.169.254", "link-local"},
        Row{"2001:db8::200:5efe:127.0.0.1", "this machine", ""},
        // Teredo: the client's address is inverted; 5601:5601 is 169.254.169.254
        Row{"2001:0:808:808:0:0:5601:5601", "link-local"},
        Row{"2001:0:a9fe:a9fe:0:0:f7f7:f7f7", "link-local"}, Row{"2001:0:808:808:0:0:f7f7:f7f7", ""}));

TEST(DestinationPolicyTest, LoopbackIsReachedWhereItIsAllowed) {
  DestinationPolicy policy;
  policy.allow = {*net::AddressRange::parse("127.0.0.1")};
  EXPECT_EQ(refused(policy, "127.0.0.1"), "");
  EXPECT_EQ(refused(policy, "::ffff:127.0.0.1"), "");
  EXPECT_NE(refused(policy, "127.0.0.2"), "");
  EXPECT_NE(refused(policy, "::1"), "");
}

TEST(DestinationPolicyTest, AllowingChangesNothingOfWhatIsNeverReached) {
  DestinationPolicy policy;
  policy.allow = {*net::AddressRange::parse("0.0.0.0/0"), *net::AddressRange::parse("::/0")};
  EXPECT_NE(refused(policy, "169.254.169.254"), "");
  EXPECT_NE(refused(policy, "fe80::1"), "");
  EXPECT_EQ(refused(policy, "::1"), "");
}

TEST(DestinationPolicyTest, WhatIsDeniedIsRefusedToTheFileToo) {
  DestinationPolicy policy;
  policy.allow = {*net::AddressRange::parse("127.0.0.0/8")};
  policy.deny = {*net::AddressRange::parse("10.0.0.0/8"), *net::AddressRange::parse("127.0.0.9")};
  EXPECT_THAT(refused(policy, "10.2.3.4", 443, true), HasSubstr("--alert-deny"));
  EXPECT_THAT(refused(policy, "64:ff9b::10.2.3.4"), HasSubstr("--alert-deny"));
  EXPECT_THAT(refused(policy, "127.0.0.9"), HasSubstr("--alert-deny"));
  EXPECT_EQ(refused(policy, "11.2.3.4"), "");
}

TEST(DestinationPolicyTest, ItsOwnSocketIsReachedByNobody) {
  DestinationPolicy policy;
  policy.allow = {*net::AddressRange::parse("127.0.0.1")};
  policy.own = {{"127.0.0.1", 5000}};
  EXPECT_THAT(refused(policy, "127.0.0.1", 5000, true), HasSubstr("this server itself"));
  EXPECT_EQ(refused(policy, "127.0.0.1", 9093), "");
}

TEST(DestinationPolicyTest, ListeningOnEveryAddressItIsAllOfThem) {
  for (const char* any : {"0.0.0.0", "::"}) {
    DestinationPolicy policy;
    policy.own = {{any, 5000}};
    policy.own_addresses = {*net::parse_address("192.168.1.10")};
    EXPECT_THAT(refused(policy, "192.168.1.10", 5000), HasSubstr("this server itself"));
    EXPECT_THAT(refused(policy, "127.0.0.5", 5000, true), HasSubstr("this server itself"));
    EXPECT_EQ(refused(policy, "192.168.1.10", 443), "");
    EXPECT_EQ(refused(policy, "192.168.1.11", 5000), "");
  }
}

TEST(DestinationPolicyTest, JudgesWhatTheSystemConnectsTo) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(5000);
  ::inet_pton(AF_INET, "127.0.0.1", &ipv4.sin_addr);
  DestinationPolicy policy;
  policy.own = {{"127.0.0.1", 5000}};
  EXPECT_THAT(why_refused(policy, reinterpret_cast<const sockaddr*>(&ipv4), true), HasSubstr("itself"));
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(443);
  ::inet_pton(AF_INET6, "fe80::1", &ipv6.sin6_addr);
  EXPECT_THAT(why_refused(policy, reinterpret_cast<const sockaddr*>(&ipv6), true), HasSubstr("link-local"));
  sockaddr unix_socket{};
  unix_socket.sa_family = AF_UNIX;
  EXPECT_NE(why_refused(policy, &unix_socket, true), "");
}

TEST(DestinationPolicyTest, ThisMachineHasAddresses) {
  const auto addresses = addresses_of_this_machine();
  EXPECT_THAT(addresses, testing::Contains(*net::parse_address("127.0.0.1")));
}

}  // namespace
}  // namespace hostwatch::delivery
