// Hostile requests: each is answered or cut, costs bounded memory, and the next client is served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <chrono>
#include <thread>

#include "tests/integration/programs.h"
#include "tests/integration/raw_http.h"

namespace hostwatch::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kMebibyte = 1024 * 1024;
const std::string kPost = "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

class Attack : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(server_.post(reading("web-1", began_))->status, 200);
    before_ = server_.process().resident_bytes();
  }
  void TearDown() override {
    const auto health = server_.client().Get("/health");
    ASSERT_TRUE(health) << "the server is gone: " << server_.process().output();
    EXPECT_EQ(health->status, 200);
    EXPECT_LT(server_.process().resident_bytes(), before_ + 64 * kMebibyte);
    EXPECT_EQ(server_.get("/data?step=0")["count"], 1) << "an attack was stored as a reading";
  }
  int status_after(const std::string& bytes) {
    RawConnection connection(server_.port());
    connection.send(bytes);
    return status_of(connection.receive(1));  // the beginning: a connection that is kept alive has no end
  }

  TemporaryFolder folder_;
  Server server_{folder_.file("metrics.db")};
  std::int64_t began_ = unix_now();  ///< the one honest reading's time; sent again it is still one
  std::size_t before_ = 0;
};

TEST_F(Attack, ARequestLineWithoutEndIsCut) {
  RawConnection connection(server_.port());
  connection.send("GET /");
  connection.flood(std::string(65536, 'a'), 100 * kMebibyte);
  EXPECT_THAT(status_of(connection.receive()), AnyOf(414, 0));
}

TEST_F(Attack, HeadersWithoutEndAreCut) {
  RawConnection connection(server_.port());
  connection.send("GET /health HTTP/1.1\r\n");
  connection.flood("X-Header: some value that goes on\r\n", 50 * kMebibyte);
  EXPECT_THAT(status_of(connection.receive()), AnyOf(431, 0));
}

TEST_F(Attack, LengthsThatTwoReadersCouldReadDifferentlyAreRefused) {
  EXPECT_EQ(status_after(kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), 400);
  EXPECT_EQ(status_after(kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_after(kPost + "Transfer-Encoding: chunked\r\n\r\n-2\r\n"), 400);
  EXPECT_THAT(status_after(kPost + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF0\r\n"),
              AnyOf(400, 413));
  EXPECT_EQ(status_after(kPost + "Content-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(status_after(kPost + "Content-Length : 2\r\n\r\n{}"), 400);
  EXPECT_EQ(status_after(kPost + "\r\n{}"), 411);
}

TEST_F(Attack, ABodyThatIsTooLargeIsRefusedBeforeItIsSent) {
  EXPECT_EQ(status_after(kPost + "Content-Length: 104857600\r\n\r\n"), 413);
  EXPECT_EQ(status_after("GET /data HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n"), 413);
}

TEST_F(Attack, ChunksWithoutEndAreCut) {
  RawConnection connection(server_.port());
  connection.send(kPost + "Transfer-Encoding: chunked\r\n\r\n");
  connection.flood("10000\r\n" + std::string(65536, ' ') + "\r\n", 100 * kMebibyte);
  EXPECT_THAT(status_of(connection.receive()), AnyOf(413, 0));
}

TEST_F(Attack, ASmuggledRequestReachesNoHandler) {
  const std::string body = reading("smuggled", unix_now()).dump();
  const std::string inner = kPost + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  // In the body of a request that needs none, followed by an honest one on the same connection.
  RawConnection connection(server_.port());
  connection.send(
      "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(inner.size()) +
      "\r\n\r\n" + inner + "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string answers = connection.receive();
  EXPECT_EQ(status_of(answers), 200);
  EXPECT_THAT(answers, Not(HasSubstr("accepted")));
  // By two lengths: what one reader takes for the body's rest is the other's next request.
  EXPECT_EQ(status_after(kPost + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + inner),
            400);
}

TEST_F(Attack, AFormIsNoReading) {
  std::string form = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\nX: ";
  form += std::string(8 * 1024 * 1024, 'x');
  const std::string head =
      "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=";
  RawConnection connection(server_.port());
  connection.send(head + "b\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n");
  connection.flood(form, form.size());
  EXPECT_THAT(status_of(connection.receive(1)), AnyOf(413, 415, 0));
  EXPECT_EQ(status_after(head + "b\r\nContent-Length: 9\r\n\r\n--b--\r\n\r\n"), 415);
}

TEST_F(Attack, AGzipBombIsRefused) {
  const std::string zeros(64 * kMebibyte, '\0');
  std::string bomb(1 * kMebibyte, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(bomb.data());
  stream.avail_out = static_cast<uInt>(bomb.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bomb.resize(stream.total_out);
  deflateEnd(&stream);
  EXPECT_EQ(status_after(kPost + "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(bomb.size()) +
                         "\r\n\r\n" + bomb),
            413);
}

TEST_F(Attack, DeepNestingAndManyRangesCostNothing) {
  const std::string brackets(100000, '[');
  EXPECT_EQ(status_after(kPost + "Content-Length: 100000\r\n\r\n" + brackets), 400);
  std::string ranges = "Range: bytes=0-";
  while (ranges.size() < 7000) ranges += ",0-";
  EXPECT_EQ(status_after("GET /dashboard HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + ranges +
                         "\r\n\r\n"),
            200);
}

TEST_F(Attack, SlowSendersKeepNobodyOut) {
  std::vector<std::unique_ptr<RawConnection>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<RawConnection>(server_.port()));
    // A third never finish a head, a third never a body, a third say nothing at all.
    if (i % 3 == 0) slow.back()->send("GET /health HT");
    if (i % 3 == 1) slow.back()->send(kPost + "Content-Length: 1000\r\n\r\n{");
  }
  std::jthread trickle([&slow](const std::stop_token& stop) {
    for (std::size_t i = 0; !stop.stop_requested(); ++i) {
      if (i % 3 != 2) slow[i % slow.size()]->send(" ");  // a byte a time, never the last one
    }
  });
  for (int i = 0; i < 50; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto health = server_.client().Get("/health");
    ASSERT_TRUE(health);
    EXPECT_EQ(health->status, 200);
    EXPECT_EQ(server_.post(reading("web-1", began_))->status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  }
}

TEST_F(Attack, HeadsAndBodiesThatNeverEndAreClosed) {
  RawConnection head(server_.port());
  RawConnection body(server_.port());
  head.send("GET /health HT");
  body.send(kPost + "Content-Length: 1000\r\n\r\n{");
  std::jthread trickle([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && head.send("x"))
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(head.is_closed_within(std::chrono::seconds(15)));
  EXPECT_TRUE(body.is_closed_within(std::chrono::seconds(45)));
  std::cout
      << "both closed after "
      << std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count()
      << " s\n";
}

}  // namespace
}  // namespace hostwatch::testing
