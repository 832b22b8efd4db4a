// Mail as servers and mail programs take it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "server/delivery/base64.h"
#include "server/delivery/mail_text.h"
#include "server/delivery/rendering.h"
#include "tests/unit/server/delivery/notices.h"

namespace hostwatch::delivery {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class MailTest : public testing::Test {
 protected:
  MailTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    channel_.name = "mail";
    channel_.kind = ChannelKind::mail;
    channel_.settings = {{"server", "smtp://mail.example:587"},
                         {"from", "monitor@example.org"},
                         {"to", "anna@example.org, ben@example.org"},
                         {"user", "monitor"}};
    channel_.secrets = {{"password", "secret"}};
  }

  std::vector<MailRequest> mails(const Message& message) const {
    return mail_messages(channel_, message, {"https://monitor.example", 1763884805});
  }
  std::string text(const Message& message) const { return mails(message).at(0).text; }

  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find("\r\n", begin);
      lines.push_back(text.substr(begin, end - begin));
      if (end == std::string::npos) break;
      begin = end + 2;
    }
    return lines;
  }

  Channel channel_;
};

TEST_F(MailTest, IsWhatTheSpecificationSays) {
  EXPECT_EQ(text(disk_message("mail")),
            "From: monitor@example.org\r\n"
            "To: anna@example.org, ben@example.org\r\n"
            "Subject: [critical] web-1: Disk almost full /\r\n"
            "Date: Sun, 23 Nov 2025 08:00:03 +0000\r\n"
            "Message-ID: <9f2c0123456789abcdef0123456789ab@monitor.example>\r\n"
            "In-Reply-To: <alarm-4711.1763884800@monitor.example>\r\n"
            "References: <alarm-4711.1763884800@monitor.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "web-1: Disk almost full\r\n"
            "\r\n"
            "/ 97.4 %, limit 97 %, since 07:55\r\n"
            "\r\n"
            "What to do: Free some space on /.\r\n"
            "\r\n"
            "https://monitor.example/dashboard#/alarms/4711\r\n");
}

TEST_F(MailTest, GoesToEachRecipientByItself) {
  const auto all = mails(disk_message("mail"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].to, "anna@example.org");
  EXPECT_EQ(all[1].to, "ben@example.org");
  EXPECT_EQ(all[0].text, all[1].text);
  EXPECT_EQ(all[0].from, "monitor@example.org");
  EXPECT_EQ(all[0].user, "monitor");
  EXPECT_EQ(all[0].password, "secret");
  EXPECT_TRUE(all[0].demands_tls);
}

TEST_F(MailTest, DoesWithoutTlsOnlyWhereItIsTold) {
  channel_.settings["tls"] = "none";
  EXPECT_FALSE(mails(disk_message("mail"))[0].demands_tls);
  channel_.settings["tls"] = "required";
  EXPECT_TRUE(mails(disk_message("mail"))[0].demands_tls);
}

TEST_F(MailTest, AHostNameWithEndsOfLinesMakesNoHeader) {
  Message message = disk_message("mail");
  message.alarms[0].host = "web-1\r\nBcc: mallory@example.net\r\n\r\nbody";
  message.alarms[0].name = "a\nX-Evil: 1\rX-Worse: 2";
  const std::string mail = text(message);
  const auto lines = lines_of(mail);
  const auto end = std::find(lines.begin(), lines.end(), "");
  for (auto line = lines.begin(); line != end; ++line) {
    EXPECT_THAT(*line, Not(StartsWith("Bcc"))) << mail;
    EXPECT_THAT(*line, Not(StartsWith("X-")));
  }
}

TEST_F(MailTest, EveryLineEndsInCrLfAndIsShort) {
  Message message = disk_message("mail");
  message.alarms[0].host = std::string(253, 'h');
  message.alarms[0].name = std::string(190, 'n') + "\xC3\xA9";
  message.alarms[0].help = "line1\n.dot\n.\nlast\rold\r\n" + std::string(1'000, 'x') + "\xC3\xA9";
  const std::string mail = text(message);
  for (std::size_t i = 0; i < mail.size(); ++i) {
    if (mail[i] == '\n') {
      ASSERT_GT(i, 0U);
      EXPECT_EQ(mail[i - 1], '\r');
    }
    if (mail[i] == '\r') {
      EXPECT_EQ(mail[i + 1], '\n');
    }
    EXPECT_LT(static_cast<unsigned char>(mail[i]), 0x80);
  }
  for (const std::string& line : lines_of(mail)) {
    EXPECT_LE(line.size(), 78U) << line;
    EXPECT_FALSE(line.starts_with('.')) << line;
  }
}

TEST_F(MailTest, IdsAreOfTheSenderWhereThePageHasNoName) {
  for (const char* url : {"http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000", ""}) {
    const auto all = mail_messages(channel_, disk_message("mail"), {url, 0});
    EXPECT_THAT(all[0].text, HasSubstr("Message-ID: <9f2c0123456789abcdef0123456789ab@example.org>")) << url;
  }
}

TEST_F(MailTest, AnEndIsInTheThreadOfItsBeginning) {
  Message message = disk_message("mail");
  message.id = "00000000000000000000000000000002";
  message.alarms[0].event = "ended";
  message.alarms[0].ended = 1763886000;
  const std::string mail = text(message);
  EXPECT_THAT(mail, HasSubstr("Subject: [over] web-1: Disk almost full /\r\n"));
  EXPECT_THAT(mail, HasSubstr("In-Reply-To: <alarm-4711.1763884800@monitor.example>\r\n"));
}

TEST(MailHeader, EncodesWhatIsNotAscii) {
  EXPECT_EQ(mail_header("Subject",
                        "Gr\xC3\xBC\xC3\x9F"
                        "e"),
            "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n");
  EXPECT_EQ(mail_header("Subject", "=?UTF-8?B?abc?="), "Subject: =?UTF-8?B?PT9VVEYtOD9CP2FiYz89?=\r\n");
}

TEST(MailHeader, CutsNoCharacterInTwo) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xE2\x82\xAC";
  const std::string header = mail_header("Subject", text);
  std::string decoded;
  for (std::size_t at = 0; (at = header.find("=?UTF-8?B?", at)) != std::string::npos;) {
    at += 10;
    const std::string word = base64_decoded(header.substr(at, header.find("?=", at) - at)).value();
    EXPECT_EQ(word.size() % 3, 0U);
    decoded += word;
  }
  EXPECT_EQ(decoded, text);
}

TEST(MailHeader, FoldsBetweenWords) {
  const std::string text =
      "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen";
  const std::string header = mail_header("Subject", text);
  EXPECT_EQ(header,
            "Subject: one two three four five six seven eight nine ten eleven twelve\r\n"
            " thirteen fourteen fifteen\r\n");
}

TEST(QuotedPrintable, IsThatOfRfc2045) {
  EXPECT_EQ(quoted_printable("a=b"), "a=3Db\r\n");
  EXPECT_EQ(quoted_printable("caf\xC3\xA9"), "caf=C3=A9\r\n");
  EXPECT_EQ(quoted_printable("end \nx\t"), "end=20\r\nx=09\r\n");
  EXPECT_EQ(quoted_printable("a\rb\r\nc\n\nd"), "a\r\nb\r\nc\r\n\r\nd\r\n");
  EXPECT_EQ(quoted_printable(".\n..x\nFrom me"), "=2E\r\n=2E.x\r\n=46rom me\r\n");
  EXPECT_EQ(quoted_printable(std::string(80, 'a')), std::string(75, 'a') + "=\r\naaaaa\r\n");
  EXPECT_EQ(quoted_printable(std::string(75, 'a') + ".b"), std::string(75, 'a') + "=\r\n=2Eb\r\n");
}

TEST(MailAddresses, AreAddressesAlone) {
  for (const char* good : {"anna@example.org", "a.b+c@mail.example", "root@localhost"})
    EXPECT_TRUE(is_mail_address(good)) << good;
  for (const char* bad : {"", "anna", "@example.org", "anna@", "Anna <anna@example.org>", "a b@example.org",
                          "a@b@c.example", "a@b.example\r\nRCPT TO:<x@y>", "<a@b.example>", "-a@b.example",
                          "a@-b.example", "a@b.example.", "\xC3\xA9@b.example"}) {
    EXPECT_FALSE(is_mail_address(bad)) << bad;
  }
  EXPECT_THAT(split_addresses("a@b.c, d@e.f ,g@h.i"), ElementsAre("a@b.c", "d@e.f", "g@h.i"));
}

}  // namespace
}  // namespace hostwatch::delivery
