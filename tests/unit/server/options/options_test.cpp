#include "server/options/options.h"

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

TEST_F(ServerOptions, RulesAreOfAFolderAndHaveCommandsOfTheirOwn) {
  EXPECT_EQ(good({}).rules, "");
  EXPECT_EQ(good({"--rules", "/etc/hostwatch/rules"}).rules, "/etc/hostwatch/rules");
  ::setenv("HOSTWATCH_RULES", "/from/environment", 1);
  EXPECT_EQ(good({}).rules, "/from/environment");
  ::unsetenv("HOSTWATCH_RULES");
  EXPECT_EQ(good({"--config", config("rules = /from/file\n").c_str()}).rules, "/from/file");
  const Options checking = good({"rules", "check", "mine", "--database", "a.db"});
  EXPECT_EQ(checking.task, Task::check_rules);
  EXPECT_EQ(checking.checked_rules, "mine");
  EXPECT_EQ(checking.database, "a.db");
  EXPECT_EQ(good({"rules", "export"}).task, Task::export_rules);
  EXPECT_EQ(good({"rules", "defaults"}).task, Task::print_shipped_rules);
  EXPECT_TRUE(is_rule_task(checking.task));
  EXPECT_FALSE(is_credential_task(checking.task));
  EXPECT_THAT(refused({"rules", "check"}), HasSubstr("PATH"));
  EXPECT_THAT(refused({"--rules", ""}), HasSubstr("must not be empty"));
}

TEST_F(ServerOptions, ListsOfAccessAreRepeatedOrHaveCommas) {
  const std::vector<std::string> both{"a.example", "b.example"};
  EXPECT_EQ(good({"--allow-host", "a.example,b.example"}).access.allowed_hosts, both);
  EXPECT_EQ(good({"--allow-host", "a.example", "--allow-host", "b.example"}).access.allowed_hosts, both);
  const Options backup = good({"backup", "--trusted-proxy", "10.0.0.1", "copy.db"});
  EXPECT_EQ(backup.backup, "copy.db");
  EXPECT_EQ(backup.access.trusted_proxies, std::vector<std::string>{"10.0.0.1"});
}

TEST_F(ServerOptions, TokensAreRevokedAndAgentsAllowedSeveralAtOnce) {
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

/// As they stand in a URL.
TEST_F(ServerOptions, AddressesMayHaveBrackets) {
  EXPECT_EQ(good({"--listen", "[::]"}).listen, "::");
  EXPECT_EQ(good({"--listen", "[fe80::1%eth0]"}).listen, "fe80::1%eth0");
  ::setenv("HOSTWATCH_LISTEN", "[::1]", 1);
  const Options options = good({"--allow-host", "[2001:db8::1],monitor.example"});
  EXPECT_EQ(options.listen, "::1");
  const auth::AccessSettings settings = access_settings(options.access, options.listen);
  EXPECT_EQ(settings.allowed_hosts, (std::vector<std::string>{"2001:db8::1", "monitor.example"}));
  const Options behind = good({"--trusted-proxy", "[fd00::1],[fd01::]/16"});
  EXPECT_TRUE(access_settings(behind.access, "::1").trusted_proxies.at(1).contains("fd01::7"));
  EXPECT_EQ(good({"--listen", "[::1"}).listen, "[::1") << "no address at all: the socket says so";
  EXPECT_THAT(refused({"--allow-host", "[monitor.example]"}), HasSubstr("--allow-host"));
}

/// CLI11 looks at the environment by itself where nothing is given.
TEST_F(ServerOptions, AVariableOfEndsOfLinesIsEmptyToo) {
  ::setenv("HOSTWATCH_LISTEN", "\n", 1);
  ::setenv("MONITOR_PORT", "\r\n", 1);
  const Options options = good({});
  EXPECT_EQ(options.listen, "127.0.0.1");
  EXPECT_EQ(options.port, 5000);
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

/// As "$VARIABLE" of a script is where there is no such variable.
TEST_F(ServerOptions, WhatIsEmptyIsNoLimitThatIsLeftOut) {
  EXPECT_THAT(refused({"token", "create", "cron", "--host", ""}), HasSubstr("--host: must not be empty"));
  EXPECT_THAT(refused({"token", "create", "cron", "--expires", ""}),
              HasSubstr("--expires: must not be empty"));
  EXPECT_THAT(refused({"token", "allow", "web-1", "--agent", ""}), HasSubstr("--agent: must not be empty"));
  EXPECT_THAT(refused({"--listen", ""}), HasSubstr("--listen must not be empty"));
  EXPECT_THAT(refused({"--tls-certificate", "", "--tls-key", ""}), HasSubstr("must not be empty"))
      << "the server would speak without";
  ::setenv("HOSTWATCH_TLS_KEY", "", 1);
  EXPECT_EQ(good({}).access.tls_key, "") << "as a compose file leaves it";
  ::unsetenv("HOSTWATCH_TLS_KEY");
}

TEST_F(ServerOptions, ALifetimeHasItsUnit) {
  EXPECT_THAT(refused({"token", "create", "cron", "--expires", "1"}),
              HasSubstr("--expires 1 lacks its unit: 1s, 1h or 1d"));
  EXPECT_EQ(good({"token", "create", "cron", "--expires", "1d"}).credential.expires, "1d");
}

TEST_F(ServerOptions, WhoeverComesNextIsAllowedOnlyIfThatIsSaid) {
  EXPECT_FALSE(good({"token", "allow", "web-1"}).credential.any);
  EXPECT_TRUE(good({"token", "allow", "web-1", "--any"}).credential.any);
  EXPECT_THAT(refused({"token", "allow", "web-1", "--any", "--agent", "ab"}), HasSubstr("--agent"));
  const Options back = good({"token", "disallow", "web-1", "web-2", "--agent", "ab"});
  EXPECT_EQ(back.task, Task::disallow_agent);
  EXPECT_EQ(back.credential.hosts, (std::vector<std::string>{"web-1", "web-2"}));
}

TEST_F(ServerOptions, NamesOfTheServerAreNamesAndItsAddressIsAnAddress) {
  for (const char* name :
       {"http://monitor.example", "a b", "", "monitor.example:5000", "monitor.example/x", "*"})
    EXPECT_THAT(refused({"--allow-host", name}), HasSubstr("--allow-host"));
  EXPECT_EQ(good({"--allow-host", "monitor.example,Monitor_2,10.0.0.1,::1"}).access.allowed_hosts.size(), 4U);
  for (const char* url : {"foo", "ftp://x", "monitor.example:5000", "https://", "https://a b",
                          "https://user@host", "https://host:port"})
    EXPECT_THAT(refused({"--public-url", url}), HasSubstr("--public-url"));
  for (const char* url : {"https://monitor.example/hostwatch/", "http://10.0.0.1:5000", "http://[::1]:5000",
                          "https://[2001:db8::1]"})
    EXPECT_EQ(good({"--public-url", url}).access.public_url, url);
}

TEST_F(ServerOptions, WhatIsCoarserIsKeptAtLeastAsLongAndNotSilentlyLonger) {
  EXPECT_THAT(refused({"--retention", "40d", "--retention-minutes", "1d"}),
              HasSubstr("--retention-minutes must be at least as long as --retention"));
  EXPECT_THAT(refused({"--retention-hours", "1d"}),
              HasSubstr("--retention-hours must be at least as long as --retention-minutes"));
  EXPECT_EQ(good({"--retention", "400d"}).retention.minutes, 400 * 86400) << "what is not said follows";
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

// A Service of Kubernetes that is named "monitor" gives each pod MONITOR_PORT.
TEST_F(ServerOptions, AServicesAddressIsNoPort) {
  ::setenv("MONITOR_PORT", "tcp://10.96.13.37:5000", 1);
  const Options options = good({"--check-health"});
  EXPECT_EQ(options.port, 5000);
  ASSERT_EQ(options.notices.size(), 1U);
  EXPECT_THAT(options.notices[0], HasSubstr("MONITOR_PORT is passed over: 'tcp://10.96.13.37:5000'"));
  const std::string path = config("port = 1111\n");
  EXPECT_EQ(good({"--config", path.c_str()}).port, 1111) << "the file counts as if nothing were set";
  ::setenv("MONITOR_PORT", "60xx", 1);
  EXPECT_THAT(refused({}), HasSubstr("60xx")) << "what is meant as a port is still checked";
}

TEST_F(ServerOptions, LineEndsBehindAVariableAreNoPartOfIt) {
  ::setenv("MONITOR_PORT", "6001\r\n", 1);
  EXPECT_EQ(good({}).port, 6001);
}

TEST_F(ServerOptions, AFileThatAnEditorHasSavedWithMarksIsRead) {
  const std::string path = config("\xEF\xBB\xBFport = 1111\r\ndatabase = \"a#b.db\"  ; comment\r\nguest\r\n");
  const Options options = good({"--config", path.c_str()});
  EXPECT_EQ(options.port, 1111);
  EXPECT_EQ(options.database, "a#b.db");
  EXPECT_TRUE(options.access.guest);
}

TEST_F(ServerOptions, ListsOfTheFileAreWrittenInAnyWay) {
  for (const char* text : {"allow-host = a,b\n", "allow-host = a b\n", "allow-host = [\"a\", 'b']\n",
                           "allow-host = [a,\n  b,  # the other\n]\n",
                           "allow-host = a\nport = 1\nallow-host = b\n", "allow-host = \"a,b\"\n"}) {
    const std::string path = config(text);
    EXPECT_THAT(good({"--config", path.c_str()}).access.allowed_hosts, testing::ElementsAre("a", "b"))
        << text;
  }
}

TEST_F(ServerOptions, WhatReadersOfFilesTakeDifferentlyIsRefused) {
  for (const auto& [text, why] : std::vector<std::pair<const char*, const char*>>{
           {"port = 1\ndatabase = a#b.db\n", "line 2: a # within a value"},
           {"database\n", "line 1: 'database' has no value"},
           {"database =\n", "line 1: 'database' has no value"},
           {"database = a b.db\n", "put it in quotes"},
           {"database = \"a\\nb\"\n", "backslash"},
           {"database = \"a\n", "not closed"},
           {"guest = perhaps\n", "either true or false"},
           {"port = [1, 2]\n", "takes one value"},
           {"[server]\nport = 1\n", "no sections"},
           {"config = x\n", "is no option for this file"},
           {"check = true\n", "is no option for this file"},
           {"\xFF\xFEp", "UTF-16"}}) {
    const std::string path = config(text);
    EXPECT_THAT(refused({"--config", path.c_str()}), HasSubstr(why)) << text;
  }
}

TEST_F(ServerOptions, OfAnOptionThatStandsTwiceTheLastCounts) {
  const std::string path = config("port = 1\nguest = true\nport = 2\n");
  EXPECT_EQ(good({"--config", path.c_str()}).port, 2);
}

TEST_F(ServerOptions, PasswordsInAddressesAreNotPrinted) {
  for (const std::vector<const char*>& line :
       std::vector<std::vector<const char*>>{{"--public-url", "http://anna:s3cret@monitor.example/"},
                                             {"--trusted-proxy", "http://anna:s3cret@10.0.0.1:3128"},
                                             {"--allow-host", "https://anna:s3cret@monitor.example"},
                                             {"--database", "postgresql://anna:s3cret@db/hostwatch"},
                                             {"--publc-url=http://anna:s3cret@monitor.example/"}}) {
    EXPECT_THAT(refused(line), testing::Not(HasSubstr("s3cret"))) << line.front();
  }
}

TEST_F(ServerOptions, AddressesThatAlarmsMayAndMayNotGoTo) {
  const Options options = good({"--alert-allow", "127.0.0.1,::1", "--alert-deny", "10.0.0.0/8"});
  const AlertDestinations destinations = alert_destinations(options.alerts);
  ASSERT_EQ(destinations.allow.size(), 2U);
  EXPECT_TRUE(destinations.allow[1].contains("::1"));
  ASSERT_EQ(destinations.deny.size(), 1U);
  EXPECT_TRUE(destinations.deny[0].contains("10.1.2.3"));
  EXPECT_THAT(refused({"--alert-allow", "localhost"}),
              HasSubstr("--alert-allow: 'localhost' is not an address"));
  EXPECT_THAT(refused({"--alert-deny", "10.0.0.0/33"}), HasSubstr("--alert-deny"));
}

TEST(Sizes, HaveDecimalAndBinaryUnitsUpToTera) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("500MB"), 500'000'000U);
  EXPECT_EQ(parse_size("20GiB"), 20ULL << 30U);
  EXPECT_EQ(parse_size("2TB"), 2'000'000'000'000U);
  EXPECT_EQ(parse_size("2TiB"), 2ULL << 40U);
  for (const char* wrong : {"2tb", "2 TB", "TB", "2PB", "1126TB"}) {
    EXPECT_THROW(parse_size(wrong), std::invalid_argument) << wrong;
  }
}

}  // namespace
}  // namespace hostwatch::server
