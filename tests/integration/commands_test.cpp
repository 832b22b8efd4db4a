// The commands about tokens and people, beside a running server and without one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Commands : public ::testing::Test {
 protected:
  Finished command(std::vector<std::string> words) const {
    words.insert(words.begin(), HOSTWATCH_SERVER_PROGRAM);
    words.insert(words.end(), {"--database", database_});
    return run_to_end(words);
  }
  Finished add_user(const std::string& name) const {
    return run_to_end({"/bin/sh", "-c",
                       "echo 'correct horse battery' | '" HOSTWATCH_SERVER_PROGRAM "' user add " + name +
                           " --database '" + database_ + "'"});
  }

  TemporaryFolder folder_;
  std::string database_ = folder_.file("nowhere/metrics.db");
};

TEST_F(Commands, OnAWrongPathSayThatThereIsNothing) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"token", "list"},
                                                {"token", "revoke", "1"},
                                                {"token", "allow", "web-1"},
                                                {"token", "disallow", "web-1"},
                                                {"user", "list"},
                                                {"user", "password", "anna"},
                                                {"user", "remove", "anna"}}) {
    const Finished refused = command(words);
    EXPECT_EQ(refused.status, 1) << words[1];
    EXPECT_THAT(refused.output, HasSubstr("there is no database at '" + database_ + "'"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.file("nowhere"))) << "and make nothing";
}

TEST_F(Commands, WhatIsWantedBeforeTheFirstStartMakesAFileAndSaysSo) {
  const Finished made = command({"token", "create", "cron"});
  EXPECT_EQ(made.status, 0);
  EXPECT_THAT(made.output, HasSubstr("making a new file of credentials, '" +
                                     folder_.file("nowhere/metrics.credentials") + "'"));
  const Finished added = add_user("anna");
  EXPECT_EQ(added.status, 0);
  EXPECT_THAT(added.output, Not(HasSubstr("making a new file"))) << "it is there now";
}

/// As an editor of another system writes the file that is read in its place.
TEST_F(Commands, APasswordThatIsPipedInHasNoByteOrderMark) {
  const Finished added =
      run_to_end({"/bin/sh", "-c",
                  "printf '\\357\\273\\277correct horse battery\\r\\n' | '" HOSTWATCH_SERVER_PROGRAM
                  "' user add anna --database '" +
                      database_ + "'"});
  ASSERT_EQ(added.status, 0) << added.output;
  const Server server(database_, 0, {"--require-sign-in"});
  const auto status_with = [&](const std::string& password) {
    const auto answer = server.client().Post(
        "/session", nlohmann::json{{"user", "anna"}, {"password", password}}.dump(), "application/json");
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status_with("\xEF\xBB\xBF"
                        "correct horse battery"),
            401);
  EXPECT_EQ(status_with("correct horse battery"), 200);
}

TEST_F(Commands, AnEnrollmentFileMayHaveAByteOrderMark) {
  const std::string file = folder_.file("enroll.token");
  { const Server made(database_, 0, {"--require-sign-in", "--enrollment-file", file}); }
  std::string token;
  std::getline(std::ifstream(file), token);
  ASSERT_THAT(token, ::testing::StartsWith("hwe_"));
  std::ofstream(file) << "\xEF\xBB\xBF" << token << "\r\n";
  { const Server again(database_, 0, {"--require-sign-in", "--enrollment-file", file}); }
  std::string kept;
  std::getline(std::ifstream(file), kept);
  EXPECT_EQ(kept, "\xEF\xBB\xBF" + token + "\r") << "it is good, and no other one was made";
}

TEST_F(Commands, AHostIsAllowedByNameOnlyWhereThatIsClear) {
  ASSERT_EQ(command({"token", "create", "cron"}).status, 0);
  const Finished typo = command({"token", "allow", "nope"});
  EXPECT_EQ(typo.status, 1);
  EXPECT_THAT(typo.output, HasSubstr("nobody is shut out from 'nope' or waits for it"));
  const Finished any = command({"token", "allow", "nope", "--any"});
  EXPECT_EQ(any.status, 0);
  EXPECT_THAT(any.output, HasSubstr("the next agent, whichever it is, may enrol as 'nope' within a day"));
  const Finished again = command({"token", "allow", "nope"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.output, HasSubstr("may enrol as 'nope' already, until "));
  EXPECT_EQ(command({"token", "disallow", "nope"}).status, 0);
  EXPECT_EQ(command({"token", "disallow", "nope"}).status, 1);
  ASSERT_EQ(command({"token", "create", "web-1", "--scope", "agent", "--host", "web-1"}).status, 0);
  const Finished taken = command({"token", "allow", "web-1", "--any"});
  EXPECT_EQ(taken.status, 1);
  EXPECT_THAT(taken.output, HasSubstr("'web-1' has an agent, and no other one waits"));
}

TEST_F(Commands, ARunningServerLogsWhatTheyChangeAndTheWayInWhenTheLastUserIsGone) {
  ASSERT_EQ(add_user("anna").status, 0);
  Server server(database_, 0, {"--require-sign-in"});
  EXPECT_THAT(server.process().output(), Not(HasSubstr("set up the first administrator")));
  ASSERT_EQ(command({"token", "create", "cron"}).status, 0);
  EXPECT_TRUE(server.process().wait_for_line("by a command: token 1 'cron' (write) was made"));
  const Finished removed = command({"user", "remove", "anna"});
  EXPECT_EQ(removed.status, 0);
  EXPECT_THAT(removed.output, HasSubstr("nobody can sign in any more"));
  EXPECT_TRUE(server.process().wait_for_line("by a command: user 'anna' was removed"));
  EXPECT_TRUE(server.process().wait_for_line("set up the first administrator at"));
}

TEST_F(Commands, WhoDeletesOrClearsAHostIsLogged) {
  Server server(database_);
  ASSERT_EQ(server.post(reading("web-1", unix_now()))->status, 200);
  ASSERT_EQ(server.client().Post("/hosts/web-1/clean")->status, 200);
  EXPECT_TRUE(server.process().wait_for_line(
      "the history of host 'web-1' was deleted by anybody, while the server was open"));
  ASSERT_EQ(server.client().Delete("/hosts/web-1")->status, 200);
  EXPECT_TRUE(
      server.process().wait_for_line("host 'web-1' was deleted by anybody, while the server was open"));
}

TEST_F(Commands, AHangUpSignalWithoutACertificateSaysThatThereIsNone) {
  Server server(database_);
  server.process().signal(SIGHUP);
  EXPECT_TRUE(server.process().wait_for_line("there is no certificate and no file of rules to read again"));
}

TEST_F(Commands, AWrongTokenIsToldOfOnceAClient) {
  const std::string made = command({"token", "create", "short", "--expires", "1s"}).output;
  const std::size_t at = made.rfind("\nhw_") + 1;
  const std::string over = made.substr(at, made.find('\n', at) - at);
  Server server(database_, 0, {"--require-sign-in", "--trusted-proxy", "127.0.0.1"});
  const auto status_of = [&server](const std::string& token, const std::string& from) {
    const auto answer = server.client().Get(
        "/hosts", httplib::Headers{{"Authorization", "Bearer " + token}, {"X-Forwarded-For", from}});
    return answer ? answer->status : 0;
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of("hw_wrong", "192.0.2.1"), 401);
  EXPECT_TRUE(server.process().wait_for_line(
      "192.0.2.1 was refused for its token, which is unknown or revoked; told of once an hour"));
  EXPECT_TRUE(eventually([&] { return status_of(over, "192.0.2.2") == 401; })) << "403 until it is over";
  EXPECT_TRUE(server.process().wait_for_line("192.0.2.2 was refused for its token, which is over: 'short'"));
  const std::string output = server.process().output();
  EXPECT_EQ(output.find("192.0.2.1 was refused"), output.rfind("192.0.2.1 was refused"));
}

TEST_F(Commands, AnEnrolmentFileThatCannotBeWrittenLeavesNoToken) {
  ASSERT_EQ(command({"token", "create", "cron"}).status, 0);
  const std::string folder = folder_.file("a folder");
  std::filesystem::create_directory(folder);
  const Finished ended =
      command({"--port", "0", "--require-sign-in", "--enrollment-file", folder});  // no file's name
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(command({"token", "list"}).output, Not(HasSubstr("enrol")));
  const std::string file = folder_.file("new/folder/token");
  Server server(database_, 0, {"--require-sign-in", "--enrollment-file", file});
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(Commands, AFileThatIsNoEnrolmentFileIsLeftAsItIs) {
  const std::string file = folder_.file("notes.txt");
  std::ofstream(file) << "precious\nnotes\n";
  const Finished ended = command({"--port", "0", "--require-sign-in", "--enrollment-file", file});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("holds no enrolment token: it is left as it is"));
  std::stringstream kept;
  kept << std::ifstream(file).rdbuf();
  EXPECT_EQ(kept.str(), "precious\nnotes\n");
  EXPECT_THAT(command({"token", "list"}).output, Not(HasSubstr("enrol")));
  std::ofstream(file, std::ios::trunc).close();  // an empty one is one that waits for its token
  const Server server(database_, 0, {"--require-sign-in", "--enrollment-file", file});
  EXPECT_GT(std::filesystem::file_size(file), 0U);
}

}  // namespace
}  // namespace hostwatch::testing
