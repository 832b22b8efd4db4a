// What the units of systemd and the compose file take away from the programs. That it holds on a real engine
// is tests/compose/run's to see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace hostwatch::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> lines(const std::string& file) {
  std::ifstream in(HOSTWATCH_SOURCE "/" + file);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  EXPECT_FALSE(all.empty()) << file;
  return all;
}

/// The lines of one service of the compose file, or of another block that begins so.
std::vector<std::string> block(const std::vector<std::string>& file, const std::string& head) {
  const std::size_t indent = head.find_first_not_of(' ');
  std::vector<std::string> inside;
  bool is_in = false;
  for (const std::string& line : file) {
    if (line.find_first_not_of(' ') <= indent) is_in = line.starts_with(head);
    if (is_in) inside.push_back(line);
  }
  return inside;
}

TEST(Packaging, UnitsHaveAUserWithoutCapabilitiesAFilterOfSystemCallsAndALimitOfMemory) {
  for (const char* unit : {"hostwatch-server.service", "hostwatch-agent.service"}) {
    SCOPED_TRACE(unit);
    const auto all = lines(std::string("packaging/systemd/") + unit);
    EXPECT_THAT(all, IsSupersetOf({"DynamicUser=yes", "CapabilityBoundingSet=", "StateDirectoryMode=0700",
                                   "UMask=0077", "SystemCallFilter=@system-service",
                                   "SystemCallFilter=~@privileged @resources", "MemoryDenyWriteExecute=yes",
                                   "RestrictNamespaces=yes"}));
    EXPECT_THAT(all, Contains(StartsWith("MemoryMax=")));
    EXPECT_THAT(all, Contains(StartsWith("#LoadCredential=")));
    EXPECT_THAT(all, Not(Contains(StartsWith("AmbientCapabilities="))));
  }
  EXPECT_THAT(
      lines("packaging/systemd/hostwatch-server.service"),
      IsSupersetOf({"ProcSubset=pid", "PrivateDevices=yes", "ProtectHome=yes", "ProtectProc=invisible"}));
}

TEST(Packaging, NothingInTheAgentsUnitFalsifiesWhatItReadsAndTheReasonIsInTheFile) {
  const auto all = lines("packaging/systemd/hostwatch-agent.service");
  for (const char* lock :
       {"ProtectProc=", "ProcSubset=", "ProtectKernelTunables=", "ProtectControlGroups=", "ProtectHostname=",
        "ProtectClock=", "PrivateNetwork=", "PrivateDevices=", "PrivateUsers=", "PrivateMounts=",
        "InaccessiblePaths=", "TemporaryFileSystem=", "RootDirectory="}) {
    EXPECT_THAT(all, Not(Contains(StartsWith(lock))));
    EXPECT_THAT(all, Contains(AllOf(StartsWith("#"), HasSubstr(lock)))) << "its reason";
  }
  EXPECT_THAT(all, IsSupersetOf({"PrivateTmp=yes", "ProtectHome=read-only", "SystemCallFilter=adjtimex"}));
}

TEST(Packaging, ContainersAreLockedUpLimitedAndPublishedToThisMachineAlone) {
  const auto compose = lines("docker-compose.yml");
  EXPECT_THAT(block(compose, "x-hardening:"),
              AllOf(Contains("  read_only: true"), Contains("  cap_drop: [ALL]"),
                    Contains("  security_opt: [\"no-new-privileges:true\"]")));
  for (const char* service : {"  server:", "  agent:"}) {
    const auto own = block(block(compose, "services:"), service);
    EXPECT_THAT(own, AllOf(Contains("    <<: *hardening"), Contains(StartsWith("    mem_limit: "))))
        << service;
  }
  EXPECT_THAT(block(compose, "    ports:"),
              AllOf(Contains(HasSubstr("- \"127.0.0.1:")), ::testing::SizeIs(2)));
  for (const char* image : {"Dockerfile.server", "Dockerfile.agent"}) {
    EXPECT_THAT(lines(image), AllOf(Contains("USER hostwatch"), Contains(HasSubstr("--uid 10001 "))))
        << image;
  }
}

}  // namespace
}  // namespace hostwatch::testing
