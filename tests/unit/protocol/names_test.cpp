#include "protocol/names.h"

#include <gtest/gtest.h>

#include <string>

namespace hostwatch::protocol {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

TEST(Names, HostNamesHaveOneTo253Bytes) {
  EXPECT_EQ(why_not_host_name(""), "must not be empty");
  EXPECT_EQ(why_not_host_name("."), "must not be . or ..") << "no address leads there";
  EXPECT_EQ(why_not_host_name(".."), "must not be . or ..");
  EXPECT_FALSE(why_not_host_name("..."));
  EXPECT_FALSE(why_not_host_name(std::string(253, 'a')));
  EXPECT_EQ(why_not_host_name(std::string(254, 'a')), "must be at most 253 bytes long");
  EXPECT_FALSE(why_not_host_name(std::string(251, 'a') + "\xC3\xA4"));
  EXPECT_TRUE(why_not_host_name(std::string(252, 'a') + "\xC3\xA4"));
}

TEST(Names, InstanceNamesHaveOneTo200Bytes) {
  EXPECT_EQ(why_not_instance_name(""), "must not be empty");
  EXPECT_FALSE(why_not_instance_name(std::string(200, 'a')));
  EXPECT_EQ(why_not_instance_name(std::string(201, 'a')), "must be at most 200 bytes long");
  EXPECT_FALSE(why_not_instance_name("/mnt/a b"));
  EXPECT_TRUE(why_not_instance_name("a\nb"));
}

TEST(Names, MetricNames) {
  for (const char* name : {"a", "_", "A9", "load1", "_9", "CamelCase"})
    EXPECT_TRUE(is_metric_name(name)) << name;
  for (const char* name : {"", "1", "9a", "a-b", "a.b", "a:b", "a b", "\xC3\xA4", "a\n"}) {
    EXPECT_FALSE(is_metric_name(name)) << name;
  }
  EXPECT_TRUE(is_metric_name(std::string(100, 'a')));
  EXPECT_FALSE(is_metric_name(std::string(101, 'a')));
  EXPECT_FALSE(is_metric_name(std::string_view("a\0", 2)));
}

}  // namespace
}  // namespace hostwatch::protocol
