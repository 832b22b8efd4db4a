// What the server calls itself at its start.
#include "server/own_address.h"

#include <gtest/gtest.h>

namespace hostwatch::server {
namespace {

Options listening_on(const std::string& address) {
  Options options;
  options.listen = address;
  return options;
}

TEST(OwnAddress, NamesSchemeAddressAndThePortInUse) {
  EXPECT_EQ(listening_address(listening_on("127.0.0.1"), 5000), "http://127.0.0.1:5000");
  EXPECT_EQ(listening_address(listening_on("::1"), 5001), "http://[::1]:5001");
  Options encrypted = listening_on("10.0.0.1");
  encrypted.access.tls_key = "key.pem";
  EXPECT_EQ(listening_address(encrypted, 443), "https://10.0.0.1:443");
}

TEST(OwnAddress, ThePageIsWhereAPersonCanOpenIt) {
  EXPECT_EQ(page_address(listening_on("10.0.0.1"), 5000), "http://10.0.0.1:5000");
  EXPECT_EQ(page_address(listening_on("0.0.0.0"), 5000), "http://localhost:5000");
  EXPECT_EQ(page_address(listening_on("::"), 5000), "http://localhost:5000");
  EXPECT_EQ(page_address(listening_on("::1"), 5000), "http://[::1]:5000");
  Options encrypted = listening_on("::");
  encrypted.access.tls_key = "key.pem";
  EXPECT_EQ(page_address(encrypted, 5000), "https://localhost:5000");
  Options behind_proxy = listening_on("127.0.0.1");
  behind_proxy.access.public_url = "https://monitor.example/base//";
  EXPECT_EQ(page_address(behind_proxy, 5000), "https://monitor.example/base");
}

}  // namespace
}  // namespace hostwatch::server
