#include "net/address.h"

#include <gtest/gtest.h>

namespace hostwatch::net {
namespace {

TEST(Address, HasOneWayToBeWritten) {  // RFC 5952
  EXPECT_EQ(canonical_address("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_address("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(canonical_address("2001:db8::0001"), "2001:db8::1");
  EXPECT_EQ(canonical_address("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(canonical_address("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_address("::FFFF:c000:201"), "192.0.2.1");
  EXPECT_EQ(canonical_address("fe80::1%eth0"), "fe80::1");
}

TEST(Address, WhatIsNoneHasNone) {
  for (const char* text : {"", "unknown", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/8", "1.2.3.4%eth0",
                           "::1%", "::1%a b", ":::", "1:2:3:4:5:6:7:8:9", "[::1]", " ::1", "0x7f.1"}) {
    EXPECT_FALSE(canonical_address(text).has_value()) << text;
  }
  EXPECT_FALSE(canonical_address(std::string_view("1.2.3.4\0x", 9)).has_value());
}

TEST(ForwardedAddress, ComesWithAPortOrWithout) {
  EXPECT_EQ(forwarded_address("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(forwarded_address("192.0.2.1:5678"), "192.0.2.1");
  EXPECT_EQ(forwarded_address("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(forwarded_address("[2001:DB8::1]"), "2001:db8::1");
  EXPECT_EQ(forwarded_address("[2001:db8::1]:443"), "2001:db8::1");
  EXPECT_EQ(forwarded_address("[fe80::1%eth0]:443"), "fe80::1");
  EXPECT_EQ(forwarded_address("[::ffff:192.0.2.1]:443"), "192.0.2.1");
}

TEST(ForwardedAddress, WhatIsNoneHasNone) {
  for (const char* text :
       {"", ":", ":80", "unknown", "_hidden", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:123456", "[192.0.2.1]",
        "[192.0.2.1]:80", "[2001:db8::1", "[2001:db8::1]443", "[2001:db8::1]:", "[]", "[]:80",
        "\"[2001:db8::1]\"", "for=192.0.2.1", "name:80"}) {
    EXPECT_FALSE(forwarded_address(text).has_value()) << text;
  }
}

TEST(Network, IsTheAddressOrTheFirst64Bits) {
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("2001:db8:1:2::9"), network_of("2001:db8:1:2:ffff::"));
  EXPECT_NE(network_of("2001:db8:1:2::9"), network_of("2001:db8:1:3::9"));
  EXPECT_EQ(network_of("somewhere"), "somewhere");
}

TEST(Site, IsTheAddressOrTheFirst48Bits) {
  EXPECT_EQ(site_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(site_of("2001:db8:1:2::9"), "2001:db8:1::/48");
  EXPECT_EQ(site_of("2001:db8:1:ffff::9"), "2001:db8:1::/48");
}

}  // namespace
}  // namespace hostwatch::net
