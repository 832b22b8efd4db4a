#include "agent/collectors/facts/host_name.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace hostwatch::agent {
namespace {

std::string name_in(const std::string& text) {
  hostwatch::test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/sys/kernel");
  std::ofstream(folder.path() + "/sys/kernel/hostname") << text << std::flush;
  return own_host_name(folder.path());
}

TEST(HostName, IsTheKernels) {
  EXPECT_EQ(name_in("web-1\n"), "web-1");
  EXPECT_EQ(name_in("localhost\n"), "localhost");
}

TEST(HostName, OfAKernelThatHasNoneIsNotWhatItShowsInstead) {
  EXPECT_EQ(name_in("(none)\n"), "");
}

TEST(HostName, OfAKernelThatHasNoneIsNotOurContainers) {
  for (const char* text : {"\n", "", " \n"}) EXPECT_EQ(name_in(text), "") << '"' << text << '"';
}

TEST(HostName, StandsInWhereThereIsNoneOfItsOwn) {
  for (const char* name : {"", "(none)", "localhost", "localhost.localdomain"}) {
    EXPECT_TRUE(is_stand_in_name(name)) << name;
  }
  for (const char* name : {"web-1", "localhost-1", "none"}) EXPECT_FALSE(is_stand_in_name(name)) << name;
}

}  // namespace
}  // namespace hostwatch::agent
