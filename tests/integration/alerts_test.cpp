// Alarms of the real server, which is killed, stopped, short of disk, and has receivers that do not answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "tests/integration/alerting_server.h"
#include "tests/integration/message_ledger.h"
#include "tests/integration/tcp_socket.h"

namespace hostwatch::testing {
namespace {

using nlohmann::json;
using std::chrono::seconds;

/// A server with one channel and one rule on `cpu` of every host, which may be killed.
class OneRule : public ::testing::Test {
 protected:
  void begin(const json& rule) {
    server_ = alerting_server(folder_.file("metrics.db"));
    put_webhook(*server_, "ops", messages_.url("ops"));
    put(*server_, "/alerts/rules/hot", rule);
    wait_for_a_tick();
  }
  void end_and_start(int signal) {
    const int port = server_->port();
    server_->process().signal(signal);
    ASSERT_TRUE(server_->process().wait(seconds(10))) << server_->process().output();
    server_ = alerting_server(folder_.file("metrics.db"), port);
  }

  TemporaryFolder folder_;
  MessageLedger messages_;
  std::unique_ptr<Server> server_;
};

TEST_F(OneRule, ASilenceOutlivesAKill) {
  begin(rule_on("cpu", "*", 0, 0, {"ops"}));
  const json silence{{"hosts", {"web-1"}}, {"until", unix_now() + 3600}, {"reason", "new disks"}};
  const auto made = server_->client().Post("/alerts/silences", silence.dump(), "application/json");
  ASSERT_TRUE(made);
  ASSERT_EQ(made->status, 201) << made->body;
  end_and_start(SIGKILL);
  ASSERT_EQ(server_->post(reading("web-1", unix_now(), 95))->status, 200);
  ASSERT_EQ(server_->post(reading("web-2", unix_now(), 95))->status, 200);
  ASSERT_TRUE(eventually([&] { return !messages_.told().empty(); })) << "web-2 is not silenced";
  ASSERT_TRUE(eventually([&] { return alarms_of(*server_, "web-1", "open").size() == 1; }));
  EXPECT_FALSE(alarms_of(*server_, "web-1", "open")[0]["silenced"].is_null());
  wait_for_a_tick();
  for (const ToldAlarm& told : messages_.told()) EXPECT_EQ(told.host, "web-2");
  const auto kept = server_->get("/alerts/silences")["silences"];
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0]["id"], json::parse(made->body)["id"]);
  EXPECT_EQ(kept[0]["reason"], "new disks");
}

/// 20 hosts with 50 mount points each, all too full.
json thousand_alarms(std::int64_t at) {
  json mounts;
  for (int i = 0; i < 50; ++i) mounts["/srv/" + std::to_string(i)] = 96.5;
  json readings = json::array();
  for (int i = 0; i < 20; ++i) {
    readings.push_back(reading("host-" + std::to_string(i), at));
    readings.back()["metrics"]["filesystem_used_percent"] = mounts;
  }
  return readings;
}

/// What of an alarm a restart must not change.
std::map<std::int64_t, std::string> identities(const json& alarms) {
  std::map<std::int64_t, std::string> found;
  for (const json& alarm : alarms) {
    found[alarm["id"]] = json{alarm["rule"],    alarm["host"],     alarm["instance"], alarm["state"],
                              alarm["started"], alarm["severity"], alarm["fired"],    alarm["told"]}
                             .dump();
  }
  return found;
}

TEST_F(OneRule, RestartTellsNothingNew) {
  json rule = rule_on("filesystem_used_percent", "*", "10s", "1m", {"ops"});
  begin(rule);
  const std::int64_t began = unix_now() - 60;
  for (const std::int64_t at : {began, began + 10}) {
    const auto posted = server_->post(thousand_alarms(at));
    ASSERT_TRUE(posted);
    ASSERT_EQ(posted->status, 200) << posted->body;
  }
  const auto is_told = [&] {
    std::set<std::int64_t> alarms;
    for (const ToldAlarm& told : messages_.told()) alarms.insert(told.alarm);
    return alarms.size() == 1000 && server_->get("/alerts/deliveries?state=waiting")["deliveries"].empty();
  };
  ASSERT_TRUE(eventually(is_told)) << messages_.told().size();
  const auto open = [&] { return server_->get("/alerts?state=open&limit=1000")["alarms"]; };
  const auto before = identities(open());
  ASSERT_EQ(before.size(), 1000U);
  const std::size_t told_before = messages_.told().size();
  EXPECT_EQ(told_before, 1000U);

  std::int64_t at = began + 10;
  for (const int signal : {SIGTERM, SIGKILL}) {
    end_and_start(signal);
    ASSERT_FALSE(HasFatalFailure());
    wait_for_a_tick();
    EXPECT_EQ(identities(open()), before) << "before a reading came";
    at += 10;
    ASSERT_EQ(server_->post(thousand_alarms(at))->status, 200);
    wait_for_a_tick();
    EXPECT_EQ(identities(open()), before);
    EXPECT_EQ(messages_.told().size(), told_before);
  }
}

/// An SMTP server that takes connections and never says a word.
class MuteMailServer {
 public:
  MuteMailServer() : socket_(TcpSocket::bound(0)) { socket_.listen(); }
  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(socket_.port()); }

 private:
  TcpSocket socket_;
};

TEST(Alerts, AChannelThatNeverAnswersDelaysNoOther) {
  TemporaryFolder folder;
  MessageLedger messages;
  const MuteMailServer mute;
  const auto server = alerting_server(folder.file("metrics.db"));
  put_webhook(*server, "hangs", messages.silent_url());
  put(*server, "/alerts/channels/mute",
      {{"kind", "mail"},
       {"default", false},
       {"enabled", true},
       {"settings",
        {{"server", mute.url()},
         {"from", "hostwatch@example.org"},
         {"to", "ops@example.org"},
         {"tls", "none"}}}});
  // Each alarm has its own: a channel that has just been told waits for what else comes.
  const std::vector<std::string> hosts{"web-1", "web-2", "web-3"};
  for (const std::string& host : hosts) {
    put_webhook(*server, host, messages.url(host));
    put(*server, "/alerts/rules/" + host, rule_on("cpu", host, 0, 0, {"hangs", "mute", host}));
  }
  wait_for_a_tick();
  for (const std::string& host : hosts) {
    const auto began = std::chrono::steady_clock::now();
    ASSERT_EQ(server->post(reading(host, unix_now(), 95))->status, 200);
    ASSERT_TRUE(eventually([&] { return !messages.told_of(host, "fired").empty(); }));
    EXPECT_LT(messages.told_of(host, "fired")[0].at - began, seconds(2));
  }
  EXPECT_GE(messages.unanswered(), 1U) << "nothing hung meanwhile";
  for (const std::string channel : {"hangs", "mute"}) {
    EXPECT_FALSE(server->get("/alerts/deliveries?state=waiting&channel=" + channel)["deliveries"].empty());
  }
  const auto stopped = server->process().stop();
  EXPECT_EQ(stopped, 0) << "nor does it delay the end\n" << server->process().output();
}

TEST(Alerts, TheServersOwnFullDiskIsToldOnce) {
  TemporaryFolder folder;
  const auto in_front = on_own_file_system(folder.path(), "size=2m");
  if (in_front.empty()) GTEST_SKIP() << "no file system of its own: neither root nor user namespaces here";
  MessageLedger messages;
  const auto server = alerting_server(folder.file("metrics.db"), 0, in_front);
  put_webhook(*server, "ops", messages.url("ops"), /*is_default=*/true);
  wait_for_a_tick();
  // The file system is the server's alone; from here it is seen through the server's root.
  const std::string ballast =
      "/proc/" + std::to_string(server->process().pid()) + "/root" + folder.file("ballast");
  ASSERT_TRUE((std::ofstream(ballast) << std::string(1000000, 'x')).flush());
  std::int64_t next = unix_now() - 500000;
  const auto post = [&] {
    json readings = json::array();
    for (int i = 0; i < 100; ++i, ++next) {
      readings.push_back(reading("web-1", next));
      readings.back()["metrics"] = {{"noise", 0.1234567 * static_cast<double>(next % 100000)}};
    }
    const auto result = server->post(readings);
    return result ? result->status : 0;
  };
  int status = 200;
  for (int i = 0; i < 3000 && status == 200; ++i) status = post();
  ASSERT_EQ(status, 503);

  const auto told = [&](const char* event) { return messages.told_of("server-store", event); };
  EXPECT_TRUE(eventually([&] { return !told("fired").empty(); }, seconds(30))) << server->process().output();
  EXPECT_TRUE(told("ended").empty());
  std::filesystem::remove(ballast);
  EXPECT_TRUE(eventually([&] { return post() == 200; }, seconds(15))) << server->process().output();
  EXPECT_TRUE(eventually([&] { return !told("ended").empty(); }, seconds(15))) << server->process().output();
  wait_for_a_tick();
  EXPECT_EQ(told("fired").size(), 1U);
  EXPECT_EQ(told("ended").size(), 1U);
  EXPECT_TRUE(eventually([&] {
    const json alarms = server->get("/alerts?rule=server-store")["alarms"];
    return alarms.size() == 1 && !alarms[0]["ended"].is_null();
  })) << "with space again it is written down: "
      << server->get("/alerts?rule=server-store");
}

}  // namespace
}  // namespace hostwatch::testing
