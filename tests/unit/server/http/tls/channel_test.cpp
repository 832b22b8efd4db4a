// What one turn of a connection over TLS takes, to the byte: whatever comes, and whatever OpenSSL does with
// it.
#include "server/http/tls/channel.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/certificates.h"

namespace hostwatch::http::test {
namespace {

using Next = Moved::Next;

constexpr std::size_t kRecordsInATurn = 4;

/// A client of OpenSSL's whose bytes go where the test puts them.
class MemoryClient {
 public:
  explicit MemoryClient(int version)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        session_(SSL_new(context_.get()), SSL_free) {
    SSL_set_min_proto_version(session_.get(), version);
    SSL_set_max_proto_version(session_.get(), version);
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(session_.get());
  }
  bool shake_hands() { return SSL_do_handshake(session_.get()) == 1; }
  void take(std::string_view bytes) {
    BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
  }
  /// What it wants to send.
  std::string bytes() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(session_.get()), &data);
    std::string all(data, static_cast<std::size_t>(size));
    BIO_reset(SSL_get_wbio(session_.get()));
    return all;
  }
  std::string data(std::string_view text) {
    SSL_write(session_.get(), text.data(), static_cast<int>(text.size()));
    return bytes();
  }
  std::string key_updates(int count, int type = SSL_KEY_UPDATE_NOT_REQUESTED) {
    std::string all;
    for (int i = 0; i < count; ++i) {
      SSL_key_update(session_.get(), type);
      SSL_do_handshake(session_.get());
      all += bytes();
    }
    return all;
  }
  std::string renegotiation() {
    SSL_renegotiate(session_.get());
    SSL_do_handshake(session_.get());
    return bytes();
  }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> session_;
};

/// A record of TLS that is not encrypted.
std::string plain_record(char type, const std::string& body) {
  const std::array<char, 5> head{type, 3, 3, static_cast<char>(body.size() >> 8U),
                                 static_cast<char>(body.size())};
  return std::string(head.data(), head.size()) + body;
}

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

/// How many records begin in the bytes, which begin with one.
std::size_t records_in(std::string_view bytes) {
  std::size_t count = 0;
  while (!bytes.empty()) {
    ++count;
    const std::size_t size =
        bytes.size() < 5 ? 0
                         : static_cast<std::uint8_t>(bytes[3]) * 256U + static_cast<std::uint8_t>(bytes[4]);
    bytes.remove_prefix(std::min(bytes.size(), 5 + size));
  }
  return count;
}

/// A Channel on one end of a socket, a client on the other.
class ChannelTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/hostwatch-channel-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    const hostwatch::test::Authority authority(folder_);
    const auto issued = authority.issue("server");
    const TlsContext context(TlsFiles{issued.certificate, issued.key, ""});
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    outside_.reset(ends[0]);
    channel_ = std::make_unique<Channel>(util::FileDescriptor(ends[1]), context);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void send(std::string_view bytes) {
    ASSERT_EQ(::send(outside_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string received() {
    std::string all(65536, '\0');
    const ssize_t count = ::recv(outside_.get(), all.data(), all.size(), 0);
    all.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return all;
  }
  /// What the channel has not taken off its socket.
  std::size_t untouched() const {
    int bytes = 0;
    ::ioctl(channel_->socket(), FIONREAD, &bytes);
    return static_cast<std::size_t>(bytes);
  }
  Moved read() { return channel_->read(buffer_.data(), buffer_.size()); }
  /// The turns until there is something else to do than to go on.
  Moved read_on() {
    Moved moved = read();
    while (moved.next == Next::again) moved = read();
    return moved;
  }
  void shake_hands(MemoryClient& client) {
    for (int i = 0; i < 10 && !client.shake_hands(); ++i) {
      send(client.bytes());
      read_on();
      client.take(received());
    }
    send(client.bytes());
    EXPECT_EQ(read_on().next, Next::readable);
    ASSERT_TRUE(channel_->is_established());
  }
  std::string read_text(const Moved& moved) const { return {buffer_.data(), moved.bytes}; }

  std::string folder_;
  util::FileDescriptor outside_;
  std::unique_ptr<Channel> channel_;
  std::vector<char> buffer_ = std::vector<char>(65536);
};

TEST_F(ChannelTest, ATurnReadsARecordAndNothingBeyondItsEnd) {
  MemoryClient client(TLS1_3_VERSION);
  shake_hands(client);
  const std::string first = client.data(std::string(16384, 'a'));
  const std::string second = client.data("second");
  send(first + second);
  EXPECT_EQ(read_text(read()), std::string(16384, 'a'));
  EXPECT_EQ(untouched(), second.size());
  EXPECT_EQ(read_text(read()), "second");
  EXPECT_EQ(read().next, Next::readable);
}

TEST_F(ChannelTest, ARecordThatComesByteByByteIsWaitedFor) {
  MemoryClient client(TLS1_3_VERSION);
  shake_hands(client);
  const std::string bytes = client.data("slow");
  for (const char byte : bytes.substr(0, bytes.size() - 1)) {
    send({&byte, 1});
    ASSERT_EQ(read().next, Next::readable);
    ASSERT_EQ(untouched(), 0U);
  }
  send(bytes.substr(bytes.size() - 1));
  EXPECT_EQ(read_text(read()), "slow");
}

TEST_F(ChannelTest, WhatComesBehindManyRecordsIsReadInLaterTurns) {
  MemoryClient client(TLS1_3_VERSION);
  shake_hands(client);
  for (int i = 0; i < 3; ++i) {
    send(client.key_updates(200));
    send(client.data("behind"));
    EXPECT_EQ(read_text(read_on()), "behind");
  }
}

TEST_F(ChannelTest, AClientThatSendsNothingElseForLongIsClosed) {
  MemoryClient client(TLS1_3_VERSION);
  shake_hands(client);
  send(client.key_updates(300));
  send(client.data("behind"));
  EXPECT_EQ(read_on().next, Next::closed);
}

TEST_F(ChannelTest, TheEndOfTheOtherSideIsTheEnd) {
  MemoryClient client(TLS1_3_VERSION);
  shake_hands(client);
  send(client.data("last").substr(0, 10));
  outside_.reset();
  EXPECT_EQ(read_on().next, Next::closed);
}

struct Flood {
  const char* name;
  int version;
  bool is_after_handshake;
  std::function<std::string(MemoryClient&)> bytes;

  friend void PrintTo(const Flood& flood, std::ostream* out) { *out << flood.name; }
};

class ChannelFlood : public ChannelTest, public testing::WithParamInterface<Flood> {};

/// Behind a client's hello, so that a handshake is under way.
std::string behind_hello(MemoryClient& client, const std::string& record) {
  client.shake_hands();
  return client.bytes() + repeated(record, 300);
}

const std::vector<Flood> kFloods{
    {"KeyUpdates", TLS1_3_VERSION, true, [](MemoryClient& client) { return client.key_updates(300); }},
    {"KeyUpdatesThatWantAnAnswer", TLS1_3_VERSION, true,
     [](MemoryClient& client) { return client.key_updates(300, SSL_KEY_UPDATE_REQUESTED); }},
    {"RenegotiationAndWhatIsNotEncrypted", TLS1_2_VERSION, true,
     [](MemoryClient& client) {
       return client.renegotiation() + repeated(plain_record(21, "\x01\x64"), 300);
     }},
    {"AHelloInSingleBytes", TLS1_3_VERSION, false,
     [](MemoryClient&) {
       return plain_record(22, "\x01") + plain_record(22, std::string(1, '\0')) + plain_record(22, "\x40") +
              repeated(plain_record(22, std::string(1, '\0')), 300);
     }},
    {"EmptyRecords", TLS1_3_VERSION, false,
     [](MemoryClient&) { return repeated(plain_record(22, ""), 300); }},
    {"ChangesOfCipher", TLS1_3_VERSION, false,
     [](MemoryClient& client) { return behind_hello(client, plain_record(20, "\x01")); }},
    {"ChangesOfCipher12", TLS1_2_VERSION, false,
     [](MemoryClient& client) { return behind_hello(client, plain_record(20, "\x01")); }},
    {"Warnings", TLS1_3_VERSION, false,
     [](MemoryClient& client) { return behind_hello(client, plain_record(21, "\x01\x5A")); }},
    {"Warnings12", TLS1_2_VERSION, false,
     [](MemoryClient& client) { return behind_hello(client, plain_record(21, "\x01\x64")); }},
    {"EarlyData", TLS1_3_VERSION, false,
     [](MemoryClient& client) { return behind_hello(client, plain_record(23, std::string(40, 'e'))); }},
    {"EmptyData12", TLS1_2_VERSION, false,
     [](MemoryClient& client) { return behind_hello(client, plain_record(23, "")); }},
};

TEST_P(ChannelFlood, ATurnTakesFewRecordsAndAllOfThemEnd) {
  MemoryClient client(GetParam().version);
  if (GetParam().is_after_handshake) shake_hands(client);
  const std::string bytes = GetParam().bytes(client);
  send(bytes);
  std::size_t taken = 0;
  Moved moved{Next::again, 0};
  while (moved.next == Next::again) {
    moved = read();
    const std::size_t now = bytes.size() - untouched();
    EXPECT_LE(records_in(std::string_view(bytes).substr(taken, now - taken)), kRecordsInATurn);
    taken = now;
  }
  EXPECT_EQ(moved.next, Next::closed);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ChannelFlood, testing::ValuesIn(kFloods),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace hostwatch::http::test
