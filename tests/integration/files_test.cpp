// Whom the programs' files and folders are open to, and that they look before they use one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/programs.h"
#include "tests/support/certificates.h"

namespace hostwatch::testing::files_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class Files : public ::testing::Test {
 protected:
  Files() : umask_(::umask(0022)) {}  // as most shells have it
  ~Files() override { ::umask(umask_); }

  std::string folder(const char* name, mode_t mode) const {
    const std::string path = folder_.file(name);
    ::mkdir(path.c_str(), 0700);
    ::chmod(path.c_str(), mode);
    return path;
  }
  Finished server(std::vector<std::string> words) const {
    words.insert(words.begin(), {HOSTWATCH_SERVER_PROGRAM, "--port", "0"});
    return run_to_end(words);
  }

  TemporaryFolder folder_;
  std::string database_ = folder_.file("metrics.db");

 private:
  mode_t umask_;
};

TEST_F(Files, AnExportIsForItsOwnerAloneAndTakesNoFilesPlace) {
  const Server running(database_);
  ASSERT_EQ(running.post(reading("web-1", unix_now()))->status, 200);
  const auto export_to = [&](const std::string& file) {
    return run_to_end({HOSTWATCH_SERVER_PROGRAM, "export", file, "--database", database_});
  };
  const std::string file = folder_.file("readings.csv");
  EXPECT_EQ(export_to(file).status, 0);
  EXPECT_EQ(mode_of(file), 0600U);
  const std::string before = content(file);
  EXPECT_THAT(before, HasSubstr("web-1"));

  const Finished again = export_to(file);
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.output, AllOf(HasSubstr(file), HasSubstr("File exists")));
  EXPECT_EQ(content(file), before);

  const std::string link = folder_.file("link.csv");
  ASSERT_EQ(::symlink(folder_.file("elsewhere").c_str(), link.c_str()), 0);
  EXPECT_EQ(export_to(link).status, 1);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("elsewhere")));
}

TEST_F(Files, TheServerRefusesAFolderThatAllMayWriteByName) {
  const std::string open = folder("open", 0777);
  const Finished database = server({"--database", open + "/metrics.db"});
  EXPECT_EQ(database.status, 1);
  EXPECT_THAT(database.output, AllOf(HasSubstr("--database"), HasSubstr(open), HasSubstr("chmod o-w")));
  const Finished credentials = server({"--database", database_, "--credentials", open + "/credentials"});
  EXPECT_EQ(credentials.status, 1);
  EXPECT_THAT(credentials.output, AllOf(HasSubstr("--credentials"), HasSubstr(open)));
  const Finished token = server({"--database", database_, "--enrollment-file", open + "/token"});
  EXPECT_EQ(token.status, 1);
  EXPECT_THAT(token.output, AllOf(HasSubstr("--enrollment-file"), HasSubstr(open)));
  EXPECT_TRUE(std::filesystem::is_empty(open));
}

TEST_F(Files, TheServerRefusesAFolderOfSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, who can give a folder away";
  const std::string theirs = folder("theirs", 0700);
  ASSERT_EQ(::chown(theirs.c_str(), 54321, 54321), 0);
  const Finished refused = server({"--database", theirs + "/metrics.db"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, AllOf(HasSubstr(theirs), HasSubstr("another user (54321)")));
}

TEST_F(Files, TheServerRefusesAFileOfSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, who can give a file away";
  { const Server made(database_); }
  for (const std::string& file : {database_, folder_.file("metrics.credentials")}) {
    ASSERT_EQ(::chown(file.c_str(), 54321, 54321), 0);
    const Finished refused = server({"--database", database_});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.output, AllOf(HasSubstr(file), HasSubstr("belongs to another user (54321)")));
    ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
  }
}

TEST_F(Files, FoldersThatTheProgramsMakeAreForTheirOwnerAlone) {
  const Server running(folder_.file("server/data/metrics.db"));
  AgentUnderTest agent(running.url(), "web-1", folder_.file("agent/state/spool"), {});
  ASSERT_TRUE(agent.process().wait_for_line("connected")) << agent.output();
  for (const char* made : {"server", "server/data", "agent", "agent/state", "agent/state/spool"}) {
    EXPECT_EQ(mode_of(folder_.file(made)), 0700U) << made;
  }
}

TEST_F(Files, AFolderThatOthersMayOnlyReadIsTaken) {  // as a volume of Docker may be
  const std::string data = folder("data", 0755);
  Server running(data + "/metrics.db");
  EXPECT_EQ(running.get("/health")["status"], "ok");
  for (const auto& file : std::filesystem::directory_iterator(data)) {
    EXPECT_EQ(mode_of(file.path()) & 0077U, 0U) << file.path();
  }
}

TEST_F(Files, WhatACopyHasOpenedIsClosedAgainAndSaidSo) {
  { const Server made(database_); }
  const std::string credentials = folder_.file("metrics.credentials");
  for (const std::string& file : {database_, credentials}) ::chmod(file.c_str(), 0644);
  std::ofstream(credentials + "-journal").close();
  ::chmod((credentials + "-journal").c_str(), 0666);
  Server running(database_);
  EXPECT_THAT(
      running.process().output(),
      AllOf(HasSubstr("metrics.db' was open to other users"), HasSubstr("(mode 644 before)"),
            HasSubstr("metrics.credentials' was open to other users"), HasSubstr("-journal' was open")));
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(mode_of(file.path()) & 0077U, 0U) << file.path();
  }
}

TEST_F(Files, AKeyThatAllCanReadIsNamedInTheLog) {
  const hostwatch::test::Authority authority(folder_.path());
  const auto issued = authority.issue("server");
  ::chmod(issued.key.c_str(), 0644);
  Server running(database_, 0, {"--tls-certificate", issued.certificate, "--tls-key", issued.key});
  EXPECT_THAT(running.process().output(),
              AllOf(HasSubstr("--tls-key"), HasSubstr("can be read by every user of this machine")));
  const std::string token = folder_.file("token");
  std::ofstream(token) << "hw_x\n";
  ::chmod(token.c_str(), 0644);
  AgentUnderTest agent("http://127.0.0.1:1/metrics", "web-1", folder_.file("spool"), {"--token-file", token});
  EXPECT_TRUE(agent.process().wait_for_line("--token-file '" + token + "' can be read by every user"))
      << agent.output();
}

TEST_F(Files, OtherFilesOfSecretsThatAllCanReadAreNamedToo) {
  const std::string enrollment = folder_.file("enrollment");
  { const Server made(database_, 0, {"--require-sign-in", "--enrollment-file", enrollment}); }
  ::chmod(enrollment.c_str(), 0644);
  Server running(database_, 0, {"--require-sign-in", "--enrollment-file", enrollment});
  EXPECT_THAT(running.process().output(), HasSubstr("--enrollment-file '" + enrollment + "' can be read"));
  const hostwatch::test::Authority authority(folder_.path());
  const auto own = authority.issue("agent");
  ::chmod(own.key.c_str(), 0644);
  AgentUnderTest agent("https://127.0.0.1:1/metrics", "web-1", folder_.file("spool"),
                       {"--client-certificate", own.certificate, "--client-key", own.key});
  EXPECT_TRUE(agent.process().wait_for_line("--client-key '" + own.key + "' can be read")) << agent.output();
}

TEST_F(Files, ASpoolOfTheAgentsOwnChoiceThatAllMayWriteIsLeftAlone) {
  const std::string open = folder("open", 01777);
  Process agent({"env", "STATE_DIRECTORY=" + open, HOSTWATCH_AGENT_PROGRAM, "--server-url",
                 "http://127.0.0.1:1/metrics"});
  EXPECT_TRUE(agent.wait_for_line("undelivered readings are kept in memory")) << agent.output();
  EXPECT_EQ(agent.stop(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(open));
}

TEST_F(Files, TheAgentRefusesASpoolThatAllMayWrite) {
  const std::string open = folder("open", 01777);
  const Finished agent =
      run_to_end({HOSTWATCH_AGENT_PROGRAM, "--server-url", "http://127.0.0.1:1/metrics", "--spool", open});
  EXPECT_EQ(agent.status, 1);
  EXPECT_THAT(agent.output, AllOf(HasSubstr(open), HasSubstr("chmod o-w"), HasSubstr("--spool")));
  EXPECT_TRUE(std::filesystem::is_empty(open));
}

TEST_F(Files, LogsOfTheRunScriptAreForItsUserAlone) {
  const std::string log = folder_.file("server.log");
  std::ofstream(log) << "of an earlier run\n";
  ::chmod(log.c_str(), 0644);
  const Finished script = run_to_end(
      {"bash", "-c", ". " HOSTWATCH_SOURCE "/scripts/lib/programs.sh; start_program \"$0\" echo code; wait",
       log});
  ASSERT_EQ(script.status, 0) << script.output;
  EXPECT_EQ(mode_of(log), 0600U);
  EXPECT_EQ(content(log), "code\n");
}

}  // namespace
}  // namespace hostwatch::testing::files_test
