// What the agent is told: on the command line, in the environment, in a file.
#include "tests/unit/agent/options_fixture.h"

namespace hostwatch::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(OptionsTest, Defaults) {
  const Options options = good({});
  EXPECT_EQ(options.server_url, (net::ServerUrl{"127.0.0.1", 5000, "/metrics"}));
  EXPECT_EQ(options.interval, std::chrono::seconds(10));
  EXPECT_EQ(options.hostname, "web-1");
  EXPECT_EQ(options.token, "");
  EXPECT_EQ(options.roots.rootfs, "/");
  EXPECT_EQ(options.log_level, "info");
  EXPECT_FALSE(options.once);
}

TEST_F(OptionsTest, EachCanComeFromTheCommandLine) {
  const Options options = good({"--server-url", "http://s:1/m", "--interval=60", "--hostname", "db-1",
                                "--token", "abc", "--allow-plaintext-token", "--proc-root", folder / "proc",
                                "--rootfs", folder, "--once", "--log-level", "debug"});
  EXPECT_EQ(options.server_url, (net::ServerUrl{"s", 1, "/m"}));
  EXPECT_EQ(options.interval, std::chrono::seconds(60));
  EXPECT_EQ(options.hostname, "db-1");
  EXPECT_EQ(options.token, "abc");
  EXPECT_EQ(options.roots.proc, folder / "proc");
  EXPECT_EQ(options.roots.rootfs, folder);
  EXPECT_TRUE(options.once);
  EXPECT_EQ(options.log_level, "debug");
}

TEST_F(OptionsTest, EachCanComeFromTheEnvironment) {
  ::setenv("SERVER_URL", "http://s:1/m", 1);
  ::setenv("COLLECT_INTERVAL", "60", 1);
  ::setenv("AGENT_HOSTNAME", "db-1", 1);
  ::setenv("AGENT_TOKEN", "abc", 1);
  ::setenv("AGENT_ALLOW_PLAINTEXT_TOKEN", "yes", 1);
  ::setenv("HOSTWATCH_ROOTFS", folder.c_str(), 1);
  ::setenv("HOSTWATCH_LOG_LEVEL", "warning", 1);
  const Options options = good({});
  EXPECT_EQ(options.server_url, (net::ServerUrl{"s", 1, "/m"}));
  EXPECT_EQ(options.interval, std::chrono::seconds(60));
  EXPECT_EQ(options.hostname, "db-1");
  EXPECT_EQ(options.token, "abc");
  EXPECT_EQ(options.roots.proc, folder / "proc");
  EXPECT_EQ(options.roots.rootfs, folder);
  EXPECT_EQ(options.log_level, "warning");
}

TEST_F(OptionsTest, EachCanComeFromAFile) {
  const std::string file =
      write("agent.toml",
            "# the agent\nserver-url = \"http://s:1/m\"\ninterval = 60\n"
            "hostname = \"db-1\"\ntoken = \"abc\"\nallow-plaintext-token = true\nrootfs = \"" +
                folder.string() + "\"\nlog-level = \"error\"\n");
  const Options options = good({"--config", file});
  EXPECT_EQ(options.server_url, (net::ServerUrl{"s", 1, "/m"}));
  EXPECT_EQ(options.interval, std::chrono::seconds(60));
  EXPECT_EQ(options.hostname, "db-1");
  EXPECT_EQ(options.token, "abc");
  EXPECT_EQ(options.roots.rootfs, folder);
  EXPECT_EQ(options.log_level, "error");
  ::setenv("HOSTWATCH_AGENT_CONFIG", file.c_str(), 1);
  EXPECT_EQ(good({}).hostname, "db-1");
}

TEST_F(OptionsTest, TheCommandLineGoesBeforeTheEnvironmentBeforeTheFile) {
  const std::string file = write("agent.toml", "interval = 30\nhostname = \"file\"\nlog-level = \"error\"\n");
  ::setenv("COLLECT_INTERVAL", "20", 1);
  ::setenv("AGENT_HOSTNAME", "environment", 1);
  const Options options = good({"--config", file, "--interval", "10"});
  EXPECT_EQ(options.interval, std::chrono::seconds(10));
  EXPECT_EQ(options.hostname, "environment");
  EXPECT_EQ(options.log_level, "error");
}

TEST_F(OptionsTest, AnEmptyVariableIsNotSet) {
  ::setenv("AGENT_HOSTNAME", "", 1);
  ::setenv("SERVER_URL", "", 1);
  const Options options = good({});
  EXPECT_EQ(options.hostname, "web-1");
  EXPECT_EQ(options.server_url.port, 5000);
}

TEST_F(OptionsTest, WrongValuesAreOneLineThatNamesTheOption) {
  for (const char* interval :
       {"0", "-1", "3601", "1.5", "1e3", "0x10", "10s", "99999999999999999999", " 5"}) {
    EXPECT_THAT(bad({std::string("--interval=") + interval}), HasSubstr("--interval"));
  }
  EXPECT_THAT(bad({"--server-url", "server:5000"}), HasSubstr("--server-url"));
  EXPECT_THAT(bad({"--hostname", "tab\there"}), HasSubstr("--hostname must not contain control"));
  EXPECT_THAT(bad({"--hostname", std::string(254, 'x')}), HasSubstr("--hostname must be at most"));
  EXPECT_THAT(bad({"--proc-root", folder / "missing"}), HasSubstr("--proc-root"));
  EXPECT_THAT(bad({"--proc-root", folder / "proc/sys/kernel/hostname"}), HasSubstr("not a directory"));
  EXPECT_THAT(bad({"--rootfs", folder / "missing"}), HasSubstr("--rootfs"));
  EXPECT_THAT(bad({"--sys-root", folder / "missing"}), HasSubstr("--sys-root"));
  EXPECT_THAT(bad({"--sys-root", folder / "proc/sys/kernel/hostname"}), HasSubstr("--sys-root"));
  EXPECT_THAT(bad({"--log-level", "loud"}), HasSubstr("--log-level"));
  EXPECT_THAT(bad({"--config", folder / "missing"}), HasSubstr("missing"));
  EXPECT_THAT(bad({"--server-ulr", "http://s/"}), HasSubstr("--server-ulr"));
  EXPECT_THAT(bad({"stray"}), HasSubstr("stray"));
  EXPECT_THAT(bad({"--interval"}), HasSubstr("--interval"));
  for (const char* mebibytes : {"0", "-1", "1.5", "64M", "", "1048577"}) {
    EXPECT_THAT(bad({std::string("--spool-max=") + mebibytes}), HasSubstr("--spool-max"));
  }
}

TEST_F(OptionsTest, TheSpoolIsWhereItIsWantedOrWhereProgramsKeepSuchThings) {
  EXPECT_EQ(good({"--spool", "/mnt/usb/spool"}).spool, "/mnt/usb/spool");
  EXPECT_TRUE(good({"--spool", "x"}).spool_given);
  EXPECT_EQ(good({"--spool-max", "5"}).spool_max_bytes, 5U << 20U);
  EXPECT_EQ(good({}).spool_max_bytes, 64U << 20U);
  ::setenv("STATE_DIRECTORY", "/var/lib/private/hostwatch-agent", 1);
  EXPECT_EQ(good({}).spool, "/var/lib/private/hostwatch-agent");
  EXPECT_FALSE(good({}).spool_given);
  ::unsetenv("STATE_DIRECTORY");
  if (::geteuid() == 0) {
    EXPECT_EQ(good({}).spool, "/var/lib/hostwatch-agent");
  } else {
    ::setenv("XDG_STATE_HOME", "/home/me/state", 1);
    EXPECT_EQ(good({}).spool, "/home/me/state/hostwatch-agent");
    ::unsetenv("XDG_STATE_HOME");
  }
}

TEST_F(OptionsTest, WrongValuesInTheEnvironmentAndTheFileAreTold) {
  ::setenv("COLLECT_INTERVAL", "often", 1);
  EXPECT_THAT(bad({}), HasSubstr("often"));
  ::unsetenv("COLLECT_INTERVAL");
  EXPECT_THAT(bad({"--config", write("a.toml", "interval = 0\n")}), HasSubstr("--interval"));
  EXPECT_THAT(bad({"--config", write("b.toml", "intervall = 5\n")}), HasSubstr("intervall"));
}

TEST_F(OptionsTest, HostileTextStaysOneLine) {
  EXPECT_THAT(bad({"--interval", "1\n2\x1b[2J"}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(bad({"--x\ny"}), Not(HasSubstr("\n")));
}

TEST_F(OptionsTest, ATokenFileMayComeLater) {
  EXPECT_EQ(good({"--token-file", write("token", "  s3cret\r\n\n")}).token_file, folder / "token");
  EXPECT_EQ(good({"--token-file", folder / "missing"}).token_file, folder / "missing");
  EXPECT_EQ(good({"--token-file", write("empty", "\n")}).token_file, folder / "empty");
}

TEST_F(OptionsTest, ATokenDoesNotLeaveThisMachineUnencryptedUnlessToldTo) {
  for (const char* url :
       {"http://server/metrics", "http://10.0.0.1:5000/metrics", "http://[2001:db8::1]/metrics",
        "http://127.0.0.1.evil.example/metrics", "http://localhost.evil.example/metrics"}) {
    EXPECT_THAT(bad({"--server-url", url, "--token", "abc"}), HasSubstr("unencrypted")) << url;
    EXPECT_THAT(bad({"--server-url", url, "--token-file", write("token", "abc")}), HasSubstr("unencrypted"))
        << url;
    EXPECT_EQ(good({"--server-url", url, "--token", "abc", "--allow-plaintext-token"}).token, "abc");
    EXPECT_EQ(good({"--server-url", url}).token, "");
  }
  for (const char* url :
       {"https://server/metrics", "http://127.0.0.1:5000/metrics", "http://127.1.2.3/metrics",
        "http://[::1]/metrics", "http://localhost:5000/metrics"}) {
    EXPECT_EQ(good({"--server-url", url, "--token", "abc"}).token, "abc") << url;
  }
}

TEST_F(OptionsTest, EnrollingNeedsAServerUrlWhoseSiblingIsKnown) {
  EXPECT_THAT(bad({"--server-url", "https://server/in", "--token", "hwe_abc"}), HasSubstr("/metrics"));
  EXPECT_EQ(good({"--server-url", "https://server/base/metrics", "--token", "hwe_abc"}).token, "hwe_abc");
}

TEST_F(OptionsTest, FilesOfTlsGoWithHttpsAndAPairIsAPair) {
  const Options options = good({"--server-url", "https://server/metrics", "--ca-file", "ca.pem",
                                "--client-certificate", "a.crt", "--client-key", "a.key"});
  EXPECT_EQ(options.tls, (net::TlsFiles{"ca.pem", "a.crt", "a.key"}));
  EXPECT_TRUE(options.server_url.encrypted);
  EXPECT_THAT(bad({"--ca-file", "ca.pem"}), HasSubstr("https://"));
  EXPECT_THAT(bad({"--server-url", "https://server/metrics", "--client-key", "a.key"}),
              HasSubstr("together"));
}

TEST_F(OptionsTest, TokensThatCannotGoIntoAHeaderAreRefusedAndNotRepeated) {
  for (const char* token : {"two words", "line\nX-Evil: 1", "t\xC3\xB6ken", "tab\t"}) {
    const std::string line = bad({"--token", token});
    EXPECT_THAT(line, HasSubstr("token"));
    EXPECT_THAT(line, Not(HasSubstr(token)));
  }
  EXPECT_THAT(bad({"--token-file", write("token", "two words\n")}), HasSubstr("token"));
}

TEST_F(OptionsTest, TokenAndTokenFileExcludeEachOther) {
  EXPECT_THAT(bad({"--token", "a", "--token-file", write("token", "b")}), HasSubstr("exclude"));
}

TEST_F(OptionsTest, AnUnreadableTokenFileIsAFailureToStart) {
  EXPECT_THAT(bad({"--token-file", folder}, 1), HasSubstr("directory"));
  EXPECT_THAT(bad({"--token-file", write("huge", std::string(100'000, 'x'))}, 1), HasSubstr("token-file"));
}

TEST_F(OptionsTest, AnOwnNameThatCannotBeUsedIsAFailureToStart) {
  write("proc/sys/kernel/hostname", "bad\x01name\n");
  EXPECT_THAT(bad({}, 1), HasSubstr("--hostname"));
}

TEST_F(OptionsTest, AKernelWithoutANameIsNoHostNone) {
  write("proc/sys/kernel/hostname", "(none)\n");
  EXPECT_EQ(good({}).hostname, "localhost");
  EXPECT_FALSE(good({}).hostname_given);
  EXPECT_TRUE(good({"--hostname", "web-1"}).hostname_given);
}

TEST_F(OptionsTest, WithoutAHostNameInProcTheSystemIsAsked) {
  std::filesystem::remove(folder / "proc/sys/kernel/hostname");
  EXPECT_NE(good({}).hostname, "");
}

TEST_F(OptionsTest, HelpNamesEveryOptionItsDefaultAndItsVariable) {
  const auto result = parse({"--help"});
  const auto& end = std::get<EndNow>(result);
  EXPECT_EQ(end.status, 0);
  EXPECT_EQ(end.error, "");
  for (const char* text : {"--server-url",
                           "SERVER_URL",
                           "http://127.0.0.1:5000/metrics",
                           "--interval",
                           "COLLECT_INTERVAL",
                           "--hostname",
                           "AGENT_HOSTNAME",
                           "--token",
                           "AGENT_TOKEN",
                           "--token-file",
                           "AGENT_TOKEN_FILE",
                           "--allow-plaintext-token",
                           "--ca-file",
                           "--client-certificate",
                           "--client-key",
                           "--proc-root",
                           "/proc",
                           "HOSTWATCH_PROC_ROOT",
                           "--rootfs",
                           "HOSTWATCH_ROOTFS",
                           "--sys-root",
                           "HOSTWATCH_SYS_ROOT",
                           "--collectors",
                           "AGENT_COLLECTORS",
                           "-NAME",
                           "disk_io",
                           "agent_collectors",
                           "--tag",
                           "AGENT_TAGS",
                           "--once",
                           "--config",
                           "--log-level",
                           "HOSTWATCH_LOG_LEVEL",
                           "--version"}) {
    EXPECT_THAT(end.output, HasSubstr(text));
  }
}

TEST_F(OptionsTest, VersionIsOneLine) {
  const auto result = parse({"--version"});
  EXPECT_EQ(std::get<EndNow>(result).status, 0);
  EXPECT_EQ(std::get<EndNow>(result).output, "hostwatch-agent " HOSTWATCH_VERSION "\n");
}

TEST_F(OptionsTest, PasswordsInTheServersAddressAreNotPrinted) {
  for (const char* url :
       {"http://anna:s3cret@server/metrics", "anna:s3cret@server/metrics", "ftp://anna:s3cret@server/",
        "http://anna:s3 cret@server/metrics", "http://anna:s3/cr?et#s3cret@server/metrics",
        "http://anna:s3cret@server:99999/metrics", "http://server:99999/metrics?key=s3cret"}) {
    const std::string said = bad({"--server-url", url});
    EXPECT_THAT(said, HasSubstr("--server-url")) << url;
    EXPECT_THAT(said, Not(HasSubstr("s3cret"))) << url;
    EXPECT_THAT(said, Not(HasSubstr("s3 cret"))) << url;
    EXPECT_THAT(bad({"--config", write("url.toml", "server-url = '" + std::string(url) + "'\n")}),
                Not(HasSubstr("s3cret")));
  }
  EXPECT_THAT(bad({"--server-urll=http://anna:s3cret@server/"}), Not(HasSubstr("s3cret")));
}

TEST_F(OptionsTest, AFileThatAnEditorHasSavedWithMarksIsRead) {
  const Options options = good({"--config", write("bom.toml",
                                                  "\xEF\xBB\xBFserver-url = http://127.0.0.1:6001/metrics\r\n"
                                                  "hostname = 'a#b'\r\n"
                                                  "token = \"c#d\" # of this host\r\n"
                                                  "interval = 20 ; seconds\r\n")});
  EXPECT_EQ(options.server_url.port, 6001);
  EXPECT_EQ(options.hostname, "a#b");
  EXPECT_EQ(options.token, "c#d");
  EXPECT_EQ(options.interval.count(), 20);
}

TEST_F(OptionsTest, ATokensFileMayHaveAByteOrderMark) {
  EXPECT_EQ(good({"--token-file", write("token", "\xEF\xBB\xBFhwa_abc\r\n")}).token_file,
            (folder / "token").string());
}

TEST_F(OptionsTest, AnOptionWithoutValueIsNotTheWordTrue) {
  EXPECT_THAT(bad({"--config", write("a.toml", "token\n")}), HasSubstr("line 1: 'token' has no value"));
  EXPECT_THAT(bad({"--config", write("b.toml", "hwe_abcdef\n")}), HasSubstr("is no option for this file"));
}

TEST_F(OptionsTest, LineEndsBehindAVariableAreNoPartOfIt) {
  ::setenv("AGENT_TOKEN", "hwa_abc\n", 1);  // as of a secret that was made of a file
  EXPECT_EQ(good({}).token, "hwa_abc");
}

}  // namespace
}  // namespace hostwatch::agent
