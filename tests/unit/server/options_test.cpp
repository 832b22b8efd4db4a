#include "server/options.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

namespace hostwatch::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// What parse_options() made of a command line, and what it printed.
struct Parsed {
  std::variant<Options, ExitStatus> result;
  std::string out;
  std::string err;
};

Parsed parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "hostwatch-server");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  auto result = parse_options(static_cast<int>(arguments.size()), arguments.data());
  std::string err = testing::internal::GetCapturedStderr();
  return {std::move(result), testing::internal::GetCapturedStdout(), std::move(err)};
}

Options good(const std::vector<const char*>& arguments) {
  const Parsed parsed = parse(arguments);
  const auto* options = std::get_if<Options>(&parsed.result);
  if (options == nullptr) {
    ADD_FAILURE() << parsed.err;
    return {};
  }
  return *options;
}

/// The one line on standard error of a command line that must end with status 2.
std::string refused(const std::vector<const char*>& arguments) {
  const Parsed parsed = parse(arguments);
  const auto* exit = std::get_if<ExitStatus>(&parsed.result);
  EXPECT_TRUE(exit != nullptr && exit->status == 2);
  EXPECT_EQ(parsed.out, "");
  EXPECT_EQ(std::count(parsed.err.begin(), parsed.err.end(), '\n'), 1) << parsed.err;
  EXPECT_THAT(parsed.err, StartsWith("hostwatch-server: "));
  EXPECT_THAT(parsed.err, EndsWith("; see --help\n"));
  return parsed.err;
}

class ServerOptions : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"HOSTWATCH_LISTEN", "MONITOR_PORT", "DATABASE_PATH", "HOSTWATCH_RETENTION",
                             "HOSTWATCH_LOG_LEVEL", "HOSTWATCH_SERVER_CONFIG"}) {
      ::unsetenv(name);
    }
  }
  void TearDown() override { SetUp(); }

  static std::string config(const std::string& text) {
    const auto path = std::filesystem::path(testing::TempDir()) /
                      ("hostwatch-options-" + std::to_string(::getpid()) + ".conf");
    std::ofstream(path) << text;
    return path.string();
  }
};

TEST_F(ServerOptions, DefaultsAreTheContracts) {
  const Options options = good({});
  EXPECT_EQ(options.listen, "127.0.0.1");
  EXPECT_EQ(options.port, 5000);
  EXPECT_EQ(options.database, "data/metrics.db");
  EXPECT_EQ(options.retention.readings, 30 * 86400);
  EXPECT_EQ(options.log_level, "info");
  EXPECT_EQ(options.task, Task::serve);
}

TEST_F(ServerOptions, OfTheCommandLine) {
  const Options options = good({"--listen", "::", "--port=0", "--database", "/a b.db", "--retention", "12h",
                                "--log-level", "debug", "--check-health"});
  EXPECT_EQ(options.listen, "::");
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.database, "/a b.db");
  EXPECT_EQ(options.retention.readings, 12 * 3600);
  EXPECT_EQ(options.log_level, "debug");
  EXPECT_EQ(options.task, Task::check_health);
}

TEST_F(ServerOptions, CommandsStandBeforeOrAfterTheDatabase) {
  EXPECT_EQ(good({"check"}).task, Task::check);
  const Options before = good({"backup", "copy.db", "--database", "a.db"});
  EXPECT_EQ(before.task, Task::backup);
  EXPECT_EQ(before.backup, "copy.db");
  EXPECT_EQ(before.database, "a.db");
  const Options after = good({"--database=a.db", "restore", "copy.db"});
  EXPECT_EQ(after.task, Task::restore);
  EXPECT_EQ(after.backup, "copy.db");
  EXPECT_EQ(after.database, "a.db");
}

TEST_F(ServerOptions, HostsOfAnExportStandBeforeOrAfterItsFile) {
  for (const std::vector<const char*>& line : std::vector<std::vector<const char*>>{
           {"export", "--host", "web-1", "out.csv"},
           {"export", "out.csv", "--host", "web-1"},
           {"export", "--host=web-1", "out.csv"},
           {"export", "--host", "web-1", "--allow-host", "a.example,b.example", "out.csv"}}) {
    const Options options = good(line);
    EXPECT_EQ(options.transfer, "out.csv");
    EXPECT_EQ(options.hostnames, std::vector<std::string>{"web-1"});
  }
  const Options several = good({"export", "--host", "web-1", "out.csv", "--host", "web-2"});
  EXPECT_EQ(several.transfer, "out.csv");
  EXPECT_EQ(several.hostnames, (std::vector<std::string>{"web-1", "web-2"}));
  EXPECT_TRUE(good({"export", "out.csv"}).hostnames.empty());
}

TEST_F(ServerOptions, ListsOfAccessAreRepeatedOrHaveCommas) {
  const std::vector<std::string> both{"a.example", "b.example"};
  EXPECT_EQ(good({"--allow-host", "a.example,b.example"}).access.allowed_hosts, both);
  EXPECT_EQ(good({"--allow-host", "a.example", "--allow-host", "b.example"}).access.allowed_hosts, both);
  const Options backup = good({"backup", "--trusted-proxy", "10.0.0.1", "copy.db"});
  EXPECT_EQ(backup.backup, "copy.db");
  EXPECT_EQ(backup.access.trusted_proxies, std::vector<std::string>{"10.0.0.1"});
}

TEST_F(ServerOptions, TokensAreRevokedAndAgentsLetInSeveralAtOnce) {
  const Options revoking = good({"token", "revoke", "7", "8", "--may-return"});
  EXPECT_EQ(revoking.task, Task::revoke_token);
  EXPECT_EQ(revoking.credential.ids, (std::vector<std::int64_t>{7, 8}));
  EXPECT_TRUE(revoking.credential.may_return);
  const Options allowing = good({"token", "allow", "web-1", "web-2", "--agent", "abcd"});
  EXPECT_EQ(allowing.task, Task::allow_agent);
  EXPECT_EQ(allowing.credential.hosts, (std::vector<std::string>{"web-1", "web-2"}));
  EXPECT_EQ(allowing.credential.agent, "abcd");
  EXPECT_TRUE(good({"user", "remove", "anna", "--revoke-tokens"}).credential.revoke_tokens);
  EXPECT_EQ(access_settings(good({}).access, "0.0.0.0").enrollments_a_minute, 60U);
  EXPECT_EQ(access_settings(good({"--enrollment-rate", "0"}).access, "0.0.0.0").enrollments_a_minute, 0U);
}

TEST_F(ServerOptions, CommandLineBeforeEnvironmentBeforeFile) {
  const std::string path = config("port = 1111\ndatabase = from-file.db\nretention = 1d\n");
  ::setenv("MONITOR_PORT", "2222", 1);
  ::setenv("DATABASE_PATH", "from-environment.db", 1);
  const Options options = good({"--config", path.c_str(), "--port", "3333"});
  EXPECT_EQ(options.port, 3333);
  EXPECT_EQ(options.database, "from-environment.db");
  EXPECT_EQ(options.retention.readings, 86400);
  ::setenv("HOSTWATCH_SERVER_CONFIG", path.c_str(), 1);
  EXPECT_EQ(good({}).retention.readings, 86400) << "the file named by the environment";
}

TEST_F(ServerOptions, EveryEnvironmentVariable) {
  ::setenv("HOSTWATCH_LISTEN", "0.0.0.0", 1);
  ::setenv("MONITOR_PORT", "6000", 1);
  ::setenv("DATABASE_PATH", "x.db", 1);
  ::setenv("HOSTWATCH_RETENTION", "2w", 1);
  ::setenv("HOSTWATCH_LOG_LEVEL", "error", 1);
  const Options options = good({});
  EXPECT_EQ(options.listen, "0.0.0.0");
  EXPECT_EQ(options.port, 6000);
  EXPECT_EQ(options.database, "x.db");
  EXPECT_EQ(options.retention.readings, 14 * 86400);
  EXPECT_EQ(options.log_level, "error");
}

TEST_F(ServerOptions, WhatIsWrongIsOneLineThatNamesIt) {
  EXPECT_THAT(refused({"--port", "65536"}), HasSubstr("--port"));
  EXPECT_THAT(refused({"--port", "-1"}), HasSubstr("--port"));
  EXPECT_THAT(refused({"--port", "http"}), HasSubstr("--port"));
  EXPECT_THAT(refused({"--port"}), HasSubstr("--port"));
  EXPECT_THAT(refused({"--prot", "5000"}), HasSubstr("--prot"));
  EXPECT_THAT(refused({"stray"}), HasSubstr("stray"));
  EXPECT_THAT(refused({"--log-level", "loud"}), HasSubstr("--log-level"));
  EXPECT_THAT(refused({"--retention", "7x"}), HasSubstr("'7x' is not a duration"));
  EXPECT_THAT(refused({"--retention", "59m"}), HasSubstr("--retention must be at least 1h"));
  EXPECT_THAT(refused({"--database", ""}), HasSubstr("--database"));
  EXPECT_THAT(refused({"--config", "/nowhere/at/all.conf"}), HasSubstr("/nowhere/at/all.conf"));
  ::setenv("MONITOR_PORT", "many", 1);
  EXPECT_THAT(refused({}), HasSubstr("--port: Value many"));
}

TEST_F(ServerOptions, AWrongNameInTheFileIsNotPassedOver) {
  const std::string path = config("prot = 6000\n");
  EXPECT_THAT(refused({"--config", path.c_str()}), HasSubstr("prot"));
}

TEST_F(ServerOptions, APasswordIsNeverPrinted) {
  const std::string text = refused({"--database", "postgresql://user:secret@db/metrics"});
  EXPECT_THAT(text, HasSubstr("postgresql"));
  EXPECT_THAT(text, testing::Not(HasSubstr("secret")));
}

TEST_F(ServerOptions, HelpNamesEveryOptionItsDefaultAndItsVariable) {
  const Parsed parsed = parse({"--help"});
  ASSERT_TRUE(std::holds_alternative<ExitStatus>(parsed.result));
  EXPECT_EQ(std::get<ExitStatus>(parsed.result).status, 0);
  EXPECT_EQ(parsed.err, "");
  for (const char* text :
       {"--listen", "127.0.0.1", "HOSTWATCH_LISTEN", "--port", "5000", "MONITOR_PORT", "--database",
        "data/metrics.db", "DATABASE_PATH", "--retention", "7d", "HOSTWATCH_RETENTION", "--log-level", "info",
        "HOSTWATCH_LOG_LEVEL", "--config", "HOSTWATCH_SERVER_CONFIG", "--check-health", "--version"}) {
    EXPECT_THAT(parsed.out, HasSubstr(text));
  }
}

TEST_F(ServerOptions, Version) {
  const Parsed parsed = parse({"--version"});
  ASSERT_TRUE(std::holds_alternative<ExitStatus>(parsed.result));
  EXPECT_EQ(std::get<ExitStatus>(parsed.result).status, 0);
  EXPECT_EQ(parsed.out, "hostwatch-server " HOSTWATCH_VERSION "\n");
}

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
  EXPECT_EQ(authority("monitor.example"), "monitor.example");
  EXPECT_EQ(authority(""), "");
}

TEST(Duration, EveryUnit) {
  EXPECT_EQ(parse_duration("90"), 90);
  EXPECT_EQ(parse_duration("90s"), 90);
  EXPECT_EQ(parse_duration("45m"), 2700);
  EXPECT_EQ(parse_duration("12h"), 43200);
  EXPECT_EQ(parse_duration("7d"), 604800);
  EXPECT_EQ(parse_duration("4w"), 2419200);
  EXPECT_EQ(parse_duration("3650d"), 315360000);
}

TEST(Duration, WhatIsNone) {
  for (const char* text : {"", "d", "7x", "7D", "-1d", "1.5h", " 7d", "7 d", "7d ", "1d12h", "3651d",
                           "99999999999999999999", "9223372036854775807w"}) {
    EXPECT_THROW(parse_duration(text), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace hostwatch::server
