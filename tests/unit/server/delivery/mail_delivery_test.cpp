// The service against mail servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/delivery/base64.h"
#include "tests/unit/server/delivery/service_fixture.h"

namespace hostwatch::delivery::test {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class MailDeliveryTest : public ServiceTest {
 protected:
  static Channel mail(const std::string& server, const std::string& to = "anna@example.org") {
    Channel channel;
    channel.name = "mail";
    channel.kind = ChannelKind::mail;
    channel.settings = {{"server", server}, {"from", "monitor@example.org"}, {"to", to}, {"tls", "none"}};
    return channel;
  }
};

TEST_F(MailDeliveryTest, ArrivesAsItWasWritten) {
  SmtpSink sink({});
  Message made = message("m1", "mail");
  made.alarms[0].help = "line1\n.dot\n.\nlast";
  start({mail(sink.url())}).submit(made);
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::sent) << result.error;
  EXPECT_EQ(result.status, 250);
  ASSERT_EQ(sink.mails().size(), 1U);
  const SmtpSink::Mail arrived = sink.mails()[0];
  EXPECT_EQ(arrived.from, "monitor@example.org");
  EXPECT_THAT(arrived.to, ElementsAre("anna@example.org"));
  EXPECT_THAT(arrived.text, HasSubstr("Subject: [critical] web-1: Disk almost full /\r\n"));
  EXPECT_THAT(arrived.text, HasSubstr("What to do: line1\r\n=2Edot\r\n=2E\r\nlast\r\n"));
  EXPECT_THAT(arrived.text, HasSubstr("/dashboard#/alarms/1\r\n"));
}

TEST_F(MailDeliveryTest, DemandsTls) {
  SmtpSink sink({});
  Channel channel = mail(sink.url());
  channel.settings.erase("tls");
  start({channel}).submit(message("m1", "mail"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unsent);
  EXPECT_THAT(result.error, HasSubstr("offers no TLS"));
  EXPECT_TRUE(sink.mails().empty());
  EXPECT_THAT(sink.commands(), Not(Contains(HasSubstr("MAIL FROM"))));
}

TEST_F(MailDeliveryTest, SignsInWhereAUserIsSet) {
  SmtpSink sink({"AUTH PLAIN"});
  Channel channel = mail(sink.url());
  channel.settings["user"] = "monitor";
  channel.secrets["password"] = "secret";
  start({channel}).submit(message("m1", "mail"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::sent) << results(1)[0].error;
  ASSERT_EQ(sink.mails().size(), 1U);
  EXPECT_EQ(base64_decoded(sink.mails()[0].user), std::string("\0monitor\0secret", 15));
}

TEST_F(MailDeliveryTest, GoesToNoServerThatDoesNotLetItSignIn) {
  SmtpSink sink({});
  Channel channel = mail(sink.url());
  channel.settings["user"] = "monitor";
  channel.secrets["password"] = "secret";
  start({channel}).submit(message("m1", "mail"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unsent);
  EXPECT_THAT(result.error, HasSubstr("sign in"));
  EXPECT_TRUE(sink.mails().empty());
}

TEST_F(MailDeliveryTest, OneRefusedRecipientStopsNoOther) {
  SmtpSink sink({.refused = {"gone@example.org"}});
  start({mail(sink.url(), "gone@example.org, anna@example.org")}).submit(message("m1", "mail"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::sent);
  EXPECT_THAT(result.error, HasSubstr("answered 550 for gone@example.org"));
  ASSERT_EQ(sink.mails().size(), 1U);
  EXPECT_THAT(sink.mails()[0].to, ElementsAre("anna@example.org"));
}

TEST_F(MailDeliveryTest, RefusedForAllItIsADeadLetter) {
  SmtpSink sink({.refused = {"gone@example.org"}});
  start({mail(sink.url(), "gone@example.org")}).submit(message("m1", "mail"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::dead);
  EXPECT_EQ(result.status, 550);
}

TEST_F(MailDeliveryTest, ATemporaryRefusalIsTriedAgain) {
  SmtpSink sink({.data_status = 451});
  start({mail(sink.url())}).submit(message("m1", "mail"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unknown);
  EXPECT_EQ(result.status, 451);
  EXPECT_EQ(result.next_due, kStart + 1);
}

TEST_F(MailDeliveryTest, AServerThatDoesNotAnswerQuitDelaysNobody) {
  SmtpSink silent({.answers_quit = false});
  SmtpSink refusing({.refused = {"anna@example.org"}, .answers_quit = false});
  SmtpSink plain({.answers_quit = false});
  HttpSink sink;
  Channel refused = mail(refusing.url());
  refused.name = "refused";
  Channel demanding = mail(plain.url());
  demanding.name = "demanding";
  demanding.settings.erase("tls");
  const auto begun = std::chrono::steady_clock::now();
  DeliveryService& service = start({mail(silent.url()), refused, demanding, webhook("ops", sink.url())});
  service.submit(message("m1", "mail"));
  service.submit(message("m2", "refused"));
  service.submit(message("m3", "demanding"));
  service.submit(message("m4", "ops"));
  results(4);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(5));  // not the 15 s of a transfer
  EXPECT_EQ(silent.mails().size(), 1U);
  EXPECT_EQ(sink.requests().size(), 1U);
}

TEST_F(MailDeliveryTest, AServerThatSaysNothingDelaysNoStop) {
  // Connections are taken by the system, and nobody talks.
  HttpSink mute;
  mute.answer_always({.manner = HttpSink::Answer::Manner::never});
  DeliveryService& service = start({mail("smtp://127.0.0.1:" + std::to_string(mute.port()))});
  service.submit(message("m1", "mail"));
  const auto begun = std::chrono::steady_clock::now();
  while (mute.connections() == 0 && std::chrono::steady_clock::now() - begun < seconds(10)) {
    std::this_thread::yield();
  }
  const auto stopping = std::chrono::steady_clock::now();
  service.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - stopping, seconds(3));  // not the 15 s of a transfer
}

TEST_F(MailDeliveryTest, AChannelOfThePageDoesNotReachThisMachinesMail) {
  SmtpSink sink({});
  allows_loopback_ = false;
  start({mail(sink.url())}).submit(message("m1", "mail"));
  EXPECT_THAT(results(1)[0].error, HasSubstr("not allowed"));
  EXPECT_EQ(sink.connections(), 0U);
}

}  // namespace
}  // namespace hostwatch::delivery::test
