#include "net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace hostwatch::net {
namespace {

TEST(ServerUrlTest, GoodOnesAreTakenApart) {
  const std::vector<std::pair<const char*, ServerUrl>> table{
      {"http://127.0.0.1:5000/metrics", {"127.0.0.1", 5000, "/metrics"}},
      {"http://server/metrics", {"server", 80, "/metrics"}},
      {"HTTP://Server.example:8080", {"Server.example", 8080, "/"}},
      {"http://[::1]:5000/metrics", {"::1", 5000, "/metrics"}},
      {"http://[2001:db8::f00d]/m", {"2001:db8::f00d", 80, "/m"}},
      {"http://[fe80::1%eth0]:5000/m", {"fe80::1%eth0", 5000, "/m"}},
      {"http://[fe80::1%25eth0]:5000/m", {"fe80::1%eth0", 5000, "/m"}},
      {"http://[fe80::1%2525eth0]:5000/m", {"fe80::1%25eth0", 5000, "/m"}},
      {"http://[fe80::1%25]:5000/m", {"fe80::1%25", 5000, "/m"}},
      {"http://[fe80::1%2]:5000/m", {"fe80::1%2", 5000, "/m"}},
      {"http://a_b-c.d:65535/base/path/metrics?x=1&y=%20",
       {"a_b-c.d", 65535, "/base/path/metrics?x=1&y=%20"}},
      {"http://server?x=1", {"server", 80, "/?x=1"}},
      {"http://server/a:b@c", {"server", 80, "/a:b@c"}},
  };
  for (const auto& [text, url] : table) EXPECT_EQ(parse_server_url(text), url) << text;
}

TEST(ServerUrlTest, HttpsIsItsOwnPortAndIsWrittenAgain) {
  const ServerUrl url = parse_server_url("HTTPS://server/base/metrics");
  EXPECT_TRUE(url.encrypted);
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.text(), "https://server:443/base/metrics");
  EXPECT_EQ(parse_server_url("https://[::1]:8443/").text(), "https://[::1]:8443/");
}

TEST(ServerUrlTest, BadOnesAreRefusedWithWhatIsWrong) {
  const std::vector<std::pair<std::string, const char*>> table{
      {"", "no scheme"},
      {"127.0.0.1:5000", "no scheme"},
      {"server/metrics", "no scheme"},
      {"ftp://server/", "scheme must be http"},
      {"http://", "names no host"},
      {"http:///metrics", "names no host"},
      {"http://:5000/metrics", "names no host"},
      {"http://server:/metrics", "port"},
      {"http://server:0/", "port"},
      {"http://server:65536/", "port"},
      {"http://server:50a/", "port"},
      {"http://server:-1/", "port"},
      {"http://::1:5000/", "brackets"},
      {"http://[::1/", "closing bracket"},
      {"http://[::g]/", "not an IPv6 address"},
      {"http://[127.0.0.1]/", "not an IPv6 address"},
      {"http://[::1]x/", "only a port"},
      {"http://user:secret@server/", "user name"},
      {"http://server/a b", "encode"},
      {"http://server/\r\nX-Evil: 1", "encode"},
      {std::string("http://server/\0", 15), "encode"},
      {"http://s\xC3\xA9rver/", "encode"},
      {"http://ser<ver/", "neither a name nor an address"},
      {"http://server/#part", "fragment"},
  };
  for (const auto& [text, why] : table) {
    try {
      parse_server_url(text);
      ADD_FAILURE() << "taken: " << text;
    } catch (const ServerUrlError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(why)) << text;
      EXPECT_THAT(error.what(), ::testing::HasSubstr("http://127.0.0.1:5000/metrics"));
    }
  }
}

TEST(ServerUrlTest, TheAuthorityHasBracketsWhereItMust) {
  EXPECT_EQ(parse_server_url("http://[::1]:5000/").authority(), "[::1]:5000");
  EXPECT_EQ(parse_server_url("http://server/").authority(), "server:80");
}

TEST(ServerUrlTest, TheZoneOfAnAddressStaysHere) {
  const ServerUrl url = parse_server_url("https://[fe80::1%25eth0]:5000/m");
  EXPECT_EQ(url.host_header(), "[fe80::1]:5000");
  EXPECT_EQ(url.host_without_zone(), "fe80::1");
  EXPECT_EQ(url.authority(), "[fe80::1%eth0]:5000") << "the log says by which interface";
  EXPECT_EQ(parse_server_url("http://server/").host_header(), "server:80");
}

}  // namespace
}  // namespace hostwatch::net
