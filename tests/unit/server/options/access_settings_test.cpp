// What the options of access mean: who must authenticate, and the server's public name.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "server/options/options.h"

namespace hostwatch::server {
namespace {

TEST(AccessSettings, EverybodyIsAskedUnlessOnlyThisMachineReachesTheServer) {
  using auth::AccessMode;
  const auto mode = [](const std::string& listen, const AccessOptions& options) {
    return access_settings(options, listen).mode;
  };
  for (const char* loopback : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    EXPECT_EQ(mode(loopback, {}), AccessMode::open) << loopback;
  }
  for (const char* reached : {"0.0.0.0", "::", "192.0.2.1", "monitor.example", "127.0.0.1.evil.example"}) {
    EXPECT_EQ(mode(reached, {}), AccessMode::required) << reached;
  }
  AccessOptions options;
  options.trusted_proxies = {"127.0.0.1"};
  EXPECT_EQ(mode("127.0.0.1", options), AccessMode::required);
  options.insecure = true;
  EXPECT_EQ(mode("0.0.0.0", options), AccessMode::insecure);
  options = {};
  options.allowed_hosts = {"monitor.example"};
  EXPECT_EQ(mode("127.0.0.1", options), AccessMode::required);
  options = {};
  options.require_sign_in = true;
  EXPECT_EQ(mode("127.0.0.1", options), AccessMode::required);
}

TEST(AccessSettings, KnowTheNameOfThePublicAddress) {
  const auto authority = [](const char* url) {
    AccessOptions options;
    options.public_url = url;
    return access_settings(options, "0.0.0.0").public_authority;
  };
  EXPECT_EQ(authority("https://monitor.example/hostwatch"), "monitor.example");
  EXPECT_EQ(authority("http://127.0.0.1:5000"), "127.0.0.1:5000");
  EXPECT_EQ(authority("https://[2001:db8::1]:8443/?x#y"), "[2001:db8::1]:8443");
  EXPECT_EQ(authority(""), "");
  EXPECT_THROW(authority("monitor.example"), std::invalid_argument) << "no link leads there";
}

}  // namespace
}  // namespace hostwatch::server
