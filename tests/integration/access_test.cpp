// The real programs where credentials are asked for: enrolment, revocation, TLS, and that no secret is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/programs.h"
#include "tests/support/certificates.h"

namespace hostwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class Access : public ::testing::Test {
 protected:
  const Server& start_server(std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--require-sign-in", "--enrollment-file", enrollment_});
    server_ = std::make_unique<Server>(database_, 0, std::move(options));
    return *server_;
  }

  /// A command on the server's credentials.
  Finished command(std::vector<std::string> words) const {
    words.insert(words.begin(), HOSTWATCH_SERVER_PROGRAM);
    words.insert(words.end(), {"--database", database_});
    return run_to_end(words);
  }

  std::string new_token(const std::string& scope) const {
    const Finished made = command({"token", "create", "test", "--scope", scope});
    // At the beginning of a line: within a token anything can stand.
    const std::size_t at = made.output.rfind("\nhw") + 1;
    EXPECT_EQ(made.status, 0) << made.output;
    return at == 0 ? "" : made.output.substr(at, made.output.find('\n', at) - at);
  }

  /// How many readings of the host are stored, asked with `token`.
  std::size_t stored(const std::string& hostname, const std::string& token) const {
    httplib::Client client = server_->client();
    const auto result = client.Get("/data?timeframe=1h&step=0&hostname=" + hostname,
                                   httplib::Headers{{"Authorization", "Bearer " + token}});
    if (!result || result->status != 200) return 0;
    return nlohmann::json::parse(result->body)["count"].get<std::size_t>();
  }

  /// The number of the host's token, as `token list` has it.
  std::string id_of(const std::string& host) const {
    const std::string list = command({"token", "list"}).output;
    const std::size_t at = list.find(host);
    EXPECT_NE(at, std::string::npos) << list;
    return std::to_string(std::stoi(list.substr(list.rfind('\n', at) + 1, 6)));
  }

  /// Of an agent.
  static httplib::Headers headers_of(const std::string& token) {
    return {{"Authorization", "Bearer " + token}, {"Hostwatch-Agent", std::string(32, 'a')}};
  }

  /// The answer to an agent that asks to be that host; `file`: what an enrolment file holds.
  httplib::Response enroll(const std::string& file, const std::string& host) const {
    const auto result = server_->client().Post("/enroll", headers_of(file.substr(0, file.find('\n'))),
                                               nlohmann::json{{"hostname", host}}.dump(), "application/json");
    return result ? *result : httplib::Response();
  }

  static std::size_t lines_with(const std::string& text, const std::string& words) {
    std::size_t count = 0;
    for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
    return count;
  }

  TemporaryFolder folder_;
  std::string database_ = folder_.file("metrics.db");
  std::string enrollment_ = folder_.file("enrollment");
  std::unique_ptr<Server> server_;
};

TEST_F(Access, AnAgentEnrolsByAFileAndGoesOnWithoutItAfterAKill) {
  const Server& server = start_server();
  const std::string reader = new_token("read");
  AgentUnderTest agent(server.url(), "web-1", folder_.file("spool"), {"--token-file", enrollment_});
  ASSERT_TRUE(agent.process().wait_for_line("enrolled as 'web-1'")) << agent.output();
  EXPECT_TRUE(eventually([&] { return stored("web-1", reader) >= 2; })) << agent.output();
  agent.kill();
  std::filesystem::remove(enrollment_);
  const std::size_t before = stored("web-1", reader);
  agent.start();
  EXPECT_TRUE(eventually([&] { return stored("web-1", reader) >= before + 2; })) << agent.output();
  EXPECT_THAT(agent.process().output(), Not(HasSubstr("enrolled")));
}

TEST_F(Access, AnAgentThatIsStartedFirstLosesNothingUntilTheServerHasWrittenTheToken) {
  const auto taken = std::make_unique<Server>(folder_.file("other.db"));  // for a port that stays the same
  AgentUnderTest agent(taken->url(), "web-1", folder_.file("spool"), {"--token-file", enrollment_});
  ASSERT_TRUE(agent.process().wait_for_line("no token yet")) << agent.output();
  ASSERT_TRUE(eventually([&] { return agent.sampled().size() >= 3; }));
  EXPECT_EQ(taken->get("/hosts")["count"], 0) << "nothing goes without the token";
  const int port = taken->port();
  ASSERT_EQ(taken->process().stop(), 0);
  server_ = std::make_unique<Server>(
      database_, port, std::vector<std::string>{"--require-sign-in", "--enrollment-file", enrollment_});
  const std::string reader = new_token("read");
  const std::size_t sampled = agent.sampled().size();
  EXPECT_TRUE(eventually([&] { return stored("web-1", reader) >= sampled; }, std::chrono::seconds(120)))
      << agent.output();
}

TEST_F(Access, ARevokedAgentStaysOutWhateverItHoldsAndLosesNothingUntilItIsAllowed) {
  const Server& server = start_server();
  const std::string reader = new_token("read");
  AgentUnderTest agent(server.url(), "web-1", folder_.file("spool"), {"--token-file", enrollment_});
  ASSERT_TRUE(agent.process().wait_for_line("enrolled as 'web-1'")) << agent.output();
  ASSERT_TRUE(eventually([&] { return stored("web-1", reader) >= 1; })) << agent.output();
  const Finished revoked = command({"token", "revoke", id_of("web-1")});
  EXPECT_EQ(revoked.status, 0);
  EXPECT_THAT(revoked.output, HasSubstr("host 'web-1' is shut out"));
  EXPECT_THAT(revoked.output, HasSubstr("which it has enrolled with, is still good"));
  ASSERT_TRUE(agent.process().wait_for_line("cannot enrol: HTTP 403: this host is shut out"))
      << agent.output();
  EXPECT_THAT(command({"token", "list"}).output, HasSubstr("shut out"));
  const std::size_t before = stored("web-1", reader);
  agent.kill();
  agent.start();  // it asks at once, and is told the same
  ASSERT_TRUE(agent.process().wait_for_line("cannot enrol: HTTP 403")) << agent.output();
  const std::size_t sampled = agent.sampled().size();
  ASSERT_TRUE(eventually([&] { return agent.sampled().size() >= sampled + 3; }));
  EXPECT_EQ(stored("web-1", reader), before) << "it stays out";
  EXPECT_EQ(lines_with(agent.process().output(), "this host is shut out"), 1U) << "said once";

  EXPECT_EQ(command({"token", "allow", "web-1"}).status, 0);
  // By itself: it asks about once a minute.
  EXPECT_TRUE(eventually([&] { return stored("web-1", reader) >= agent.sampled().size(); },
                         std::chrono::seconds(150)))
      << agent.output();
  EXPECT_THAT(agent.process().output(), HasSubstr("enrolled as 'web-1'"));
  EXPECT_EQ(agent.stop(), 0);
}

TEST_F(Access, ADeletedHostStaysAwayAlthoughItsAgentHoldsAnEnrolmentToken) {
  const Server& server = start_server();
  const std::string reader = new_token("read");
  AgentUnderTest agent(server.url(), "web-1", folder_.file("spool"), {"--token-file", enrollment_});
  ASSERT_TRUE(eventually([&] { return stored("web-1", reader) >= 1; })) << agent.output();
  httplib::Client client = server_->client();
  const httplib::Headers admin{{"Authorization", "Bearer " + new_token("admin")}};
  httplib::Result deleted{nullptr, httplib::Error::Unknown};
  ASSERT_TRUE(eventually([&] {  // the server sees what the command has done within a second
    deleted = client.Delete("/hosts/web-1", admin);
    return deleted && deleted->status != 401;
  }));
  EXPECT_EQ(deleted->body, R"({"status":"ok","shut_out":true})");
  ASSERT_TRUE(agent.process().wait_for_line("this host is shut out")) << agent.output();
  const auto hosts = client.Get("/hosts", httplib::Headers{{"Authorization", "Bearer " + reader}});
  ASSERT_TRUE(hosts);
  EXPECT_EQ(nlohmann::json::parse(hosts->body)["count"], 0);
}

TEST_F(Access, ANewEnrolmentFileEndsTheTokenOfTheOldOne) {
  start_server();
  const std::string old = content(enrollment_);
  ASSERT_EQ(server_->process().stop(), 0);
  std::filesystem::remove(enrollment_);
  start_server();
  EXPECT_EQ(enroll(old, "web-1").status, 401);
  EXPECT_EQ(enroll(content(enrollment_), "web-1").status, 200);
}

TEST_F(Access, WhereTheCredentialsAreLostAndTheHistoryIsKeptAgentsWaitForPermission) {
  start_server();
  const httplib::Response enrolled = enroll(content(enrollment_), "web-1");
  ASSERT_EQ(enrolled.status, 200) << enrolled.body;
  const std::string own = nlohmann::json::parse(enrolled.body)["token"];
  const auto posted = server_->client().Post("/metrics", headers_of(own), reading("web-1", unix_now()).dump(),
                                             "application/json");
  ASSERT_TRUE(posted && posted->status == 200);
  ASSERT_EQ(server_->process().stop(), 0);
  std::filesystem::remove(folder_.file("metrics.credentials"));
  start_server();
  EXPECT_EQ(enroll(content(enrollment_), "web-1").status, 409);
  EXPECT_EQ(command({"token", "allow", "web-1"}).status, 0);
  EXPECT_EQ(enroll(content(enrollment_), "web-1").status, 200);
}

TEST_F(Access, TokensThatWereMadeWhileNobodyWasAskedAreNamedOnceWhenSomebodyIs) {
  server_ = std::make_unique<Server>(database_, 0, std::vector<std::string>{"--insecure"});
  const auto made =
      server_->client().Post("/tokens", R"({"name":"left","scope":"admin"})", "application/json");
  ASSERT_TRUE(made && made->status == 200);
  ASSERT_EQ(server_->process().stop(), 0);
  const std::string told = "1 token made while authentication was off is still good";
  start_server();
  EXPECT_TRUE(server_->process().wait_for_line(told)) << server_->process().output();
  EXPECT_THAT(command({"token", "list"}).output, HasSubstr("anybody, under --insecure"));
  ASSERT_EQ(server_->process().stop(), 0);
  start_server();
  EXPECT_TRUE(server_->process().wait_for_line("set up the first administrator"));
  EXPECT_THAT(server_->process().output(), Not(HasSubstr(told)));
}

TEST_F(Access, WhatSomebodyMadeIsToldOfWhenTheyLeaveAndRevokedIfWanted) {
  start_server();
  const std::string password = "correct horse battery";
  const auto add = [&](const std::string& name) {
    EXPECT_EQ(run_to_end({"/bin/sh", "-c",
                          "echo '" + password + "' | '" HOSTWATCH_SERVER_PROGRAM "' user add " + name +
                              " --database '" + database_ + "'"})
                  .status,
              0);
  };
  const auto make_token = [&](const std::string& user) {
    httplib::Client client = server_->client();
    httplib::Result session{nullptr, httplib::Error::Unknown};
    ASSERT_TRUE(eventually([&] {
      session = client.Post("/session", nlohmann::json{{"user", user}, {"password", password}}.dump(),
                            "application/json");
      return session && session->status == 200;
    }));
    const std::string cookie = session->get_header_value("Set-Cookie");
    const auto made = client.Post(
        "/tokens",
        httplib::Headers{{"Cookie", cookie.substr(0, cookie.find(';'))},
                         {"X-CSRF-Token", nlohmann::json::parse(session->body)["csrf"].get<std::string>()}},
        R"({"name":"script","scope":"admin"})", "application/json");
    ASSERT_TRUE(made && made->status == 200);
  };
  add("anna");
  add("otto");
  ASSERT_NO_FATAL_FAILURE(make_token("anna"));
  ASSERT_NO_FATAL_FAILURE(make_token("otto"));
  EXPECT_THAT(command({"user", "remove", "anna"}).output,
              HasSubstr("1 token that 'anna' made is still good: "));
  EXPECT_THAT(command({"user", "remove", "otto", "--revoke-tokens"}).output,
              HasSubstr("revoked the tokens that 'otto' made: "));
  const std::string list = command({"token", "list"}).output;
  EXPECT_THAT(list, HasSubstr("user anna"));
  EXPECT_THAT(list, Not(HasSubstr("user otto")));
}

TEST_F(Access, NoSecretIsInALogAProcessListOrTheDatabase) {
  const Server& server = start_server();
  const std::string reader = new_token("read");
  AgentUnderTest agent(server.url(), "web-1", folder_.file("spool"), {"--token-file", enrollment_});
  ASSERT_TRUE(agent.process().wait_for_line("enrolled as 'web-1'")) << agent.output();
  ASSERT_TRUE(eventually([&] { return stored("web-1", reader) >= 2; }));
  std::string enrollment = content(enrollment_);
  enrollment.pop_back();
  const std::string own = nlohmann::json::parse(content(folder_.file("spool/token")))["token"];
  const std::string process_list = content("/proc/" + std::to_string(agent.process().pid()) + "/cmdline");
  for (const std::string& secret : {enrollment, own, reader}) {
    ASSERT_GE(secret.size(), 46U);
    EXPECT_THAT(agent.output(), Not(HasSubstr(secret)));
    EXPECT_THAT(server_->process().output(), Not(HasSubstr(secret)));
    EXPECT_THAT(process_list, Not(HasSubstr(secret)));
    for (const char* file : {"metrics.db", "metrics.db-wal", "metrics.credentials"}) {
      EXPECT_THAT(content(folder_.file(file)), Not(HasSubstr(secret))) << file;
    }
    for (const auto& file : std::filesystem::directory_iterator(folder_.file("spool"))) {
      if (file.path().filename() == "token") continue;
      EXPECT_THAT(content(file.path()), Not(HasSubstr(secret))) << file.path();
    }
  }
}

TEST_F(Access, FilesAreForTheirOwnerAlone) {
  const Server& server = start_server();
  AgentUnderTest agent(server.url(), "web-1", folder_.file("spool"), {"--token-file", enrollment_});
  ASSERT_TRUE(agent.process().wait_for_line("enrolled as 'web-1'")) << agent.output();
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!file.is_regular_file()) continue;
    EXPECT_EQ(file.status().permissions() &
                  (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
              std::filesystem::perms::none)
        << file.path();
  }
}

TEST_F(Access, OverTlsARenewedCertificateIsTakenOverAndNoReadingIsLost) {
  const hostwatch::test::Authority authority(folder_.path());
  const auto issued = authority.issue("server");
  const Server& server = start_server({"--tls-certificate", issued.certificate, "--tls-key", issued.key});
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/metrics";
  AgentUnderTest agent(url, "web-1", folder_.file("spool"),
                       {"--token-file", enrollment_, "--ca-file", authority.file()});
  ASSERT_TRUE(agent.process().wait_for_line("connected")) << agent.output();
  EXPECT_EQ(run_to_end({HOSTWATCH_SERVER_PROGRAM, "--check-health", "--port", std::to_string(server.port()),
                        "--tls-certificate", issued.certificate, "--tls-key", issued.key})
                .status,
            0);
  authority.issue("server");
  server_->process().signal(SIGHUP);
  ASSERT_TRUE(server_->process().wait_for_line("read the certificate again"));
  agent.process().signal(SIGHUP);  // a new connection
  ASSERT_TRUE(agent.process().wait_for_line("were read again")) << agent.output();
  const std::size_t before = agent.sampled().size();
  ASSERT_TRUE(eventually([&] { return agent.sampled().size() >= before + 2; }));
  EXPECT_THAT(agent.output(), Not(HasSubstr("cannot")));
  httplib::SSLClient client("127.0.0.1", server.port());
  client.set_ca_cert_path(authority.file());
  client.set_bearer_token_auth(new_token("read"));
  EXPECT_TRUE(eventually([&] {
    const auto result = client.Get("/data?timeframe=1h&step=0&hostname=web-1");
    return result && result->status == 200 &&
           nlohmann::json::parse(result->body)["count"].get<std::size_t>() >= before + 2;
  })) << agent.output();
}

TEST_F(Access, AnAgentWithoutTheCertificateThatIsAskedForIsToldWhatToDo) {
  const hostwatch::test::Authority authority(folder_.path());
  const auto issued = authority.issue("server");
  const Server& server = start_server({"--tls-certificate", issued.certificate, "--tls-key", issued.key,
                                       "--tls-client-ca", authority.file()});
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/metrics";
  const std::vector<std::string> options{"--token-file", enrollment_, "--ca-file", authority.file()};
  AgentUnderTest without(url, "web-1", folder_.file("without"), options);
  EXPECT_TRUE(without.process().wait_for_line("--client-certificate")) << without.output();
  const auto own = authority.issue("agent");
  std::vector<std::string> more = options;
  more.insert(more.end(), {"--client-certificate", own.certificate, "--client-key", own.key});
  AgentUnderTest with(url, "web-2", folder_.file("with"), more);
  EXPECT_TRUE(with.process().wait_for_line("connected")) << with.output();
}

TEST_F(Access, AnAgentWithoutATokenOrWithOneOfAnotherKindIsToldWhatToDo) {
  const Server& server = start_server();
  AgentUnderTest without(server.url(), "web-1", folder_.file("without"));
  EXPECT_TRUE(
      without.process().wait_for_line("the server asks for a token, and none was given: --token-file"))
      << without.output();
  AgentUnderTest reader(server.url(), "web-2", folder_.file("reader"), {"--token", new_token("read")});
  EXPECT_TRUE(
      reader.process().wait_for_line("the token is of scope read, and readings need one of scope write"))
      << reader.output();
}

TEST_F(Access, ACertificateThatIsOutOfDateIsNamedInTheLog) {
  const hostwatch::test::Authority authority(folder_.path());
  hostwatch::test::Authority::Wanted wanted;
  wanted.from = -7200;
  wanted.to = -3600;
  const auto over = authority.issue("over", wanted);
  start_server({"--tls-certificate", over.certificate, "--tls-key", over.key});
  EXPECT_TRUE(server_->process().wait_for_line("has expired: agents and browsers refuse it"));
  ASSERT_EQ(server_->process().stop(), 0);
  wanted.from = 3600;
  wanted.to = 7200;
  const auto early = authority.issue("early", wanted);
  start_server({"--tls-certificate", early.certificate, "--tls-key", early.key});
  EXPECT_TRUE(server_->process().wait_for_line("is not valid yet"));
}

TEST_F(Access, WhoIsAskedForNothingIsToldSoInTheLog) {
  EXPECT_TRUE(Server(database_).process().wait_for_line("only this machine reaches the server"));
  EXPECT_TRUE(Server(database_, 0, {"--insecure"}).process().wait_for_line("--insecure: anybody"));
}

TEST_F(Access, WithoutTlsTheLogSaysThatPasswordsAndTokensTravelInTheClear) {
  const std::string told = "passwords and tokens travel unencrypted";
  Server reached(database_, 0, {"--listen", "0.0.0.0"});
  EXPECT_TRUE(reached.process().wait_for_line(told)) << reached.process().output();
  reached.process().stop();
  start_server();
  EXPECT_TRUE(server_->process().wait_for_line("set up the first administrator"));
  EXPECT_THAT(server_->process().output(), Not(HasSubstr(told))) << "nobody else hears what stays here";
}

}  // namespace
}  // namespace hostwatch::testing
