// GET /metrics of many hosts: written while it is sent.
#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/api/answer_pieces.h"
#include "tests/unit/server/api/api_fixture.h"
#include "util/gzip.h"

namespace hostwatch::api::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr std::size_t kHosts = 2000;

class ApiExposition : public ApiTest {
 protected:
  void post_hosts(std::size_t count) const {
    for (std::size_t first = 0; first < count; first += 500) {
      std::string body;
      for (std::size_t i = first; i < std::min(first + 500, count); ++i) {
        body += (body.empty() ? '[' : ',') + reading("host-" + std::to_string(i), kNow);
      }
      ASSERT_EQ(post(body + ']').status, 200);
    }
  }
  /// The data of a body in chunks; what there is of it if the last one is missing.
  static std::string joined(std::string_view chunks) {
    std::string data;
    while (!chunks.empty()) {
      const std::size_t end = chunks.find("\r\n");
      const std::size_t size = std::stoul(std::string(chunks.substr(0, end)), nullptr, 16);
      if (size == 0) return data;
      data += chunks.substr(end + 2, size);
      chunks.remove_prefix(std::min(end + 2 + size + 2, chunks.size()));
    }
    ADD_FAILURE() << "there is no last chunk";
    return data;
  }
  static std::vector<std::string> lines_of(const std::string& text, std::string_view beginning) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with(beginning)) lines.push_back(line);
    }
    return lines;
  }
};

TEST_F(ApiExposition, OfFewHostsIsSentWithItsLength) {
  post_hosts(10);
  const Answer answer = get("/metrics");
  EXPECT_THAT(answer.head, HasSubstr("\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n"));
  EXPECT_THAT(lines_of(answer.body, "hostwatch_cpu_percent{"), SizeIs(10));
}

TEST_F(ApiExposition, OfManyHostsComesInPieces) {
  post_hosts(kHosts);
  const Answer answer = get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.head,
              AllOf(HasSubstr("\r\nTransfer-Encoding: chunked\r\n"), Not(HasSubstr("Content-Length")),
                    HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
                    HasSubstr("\r\nVary: Accept-Encoding\r\n"), Not(HasSubstr("Content-Encoding"))));
  const std::string text = joined(answer.body);
  for (const char* metric : {"hostwatch_host_up{", "hostwatch_cpu_percent{", "hostwatch_disk_percent{"}) {
    EXPECT_THAT(lines_of(text, metric), SizeIs(kHosts)) << metric;
  }
  EXPECT_THAT(text, HasSubstr("hostwatch_server_hosts 2000\n"));
}

TEST_F(ApiExposition, CompressedItIsTheSame) {
  post_hosts(kHosts);
  const std::string plain = joined(get("/metrics").body);
  const Answer answer = get("/metrics", "Accept-Encoding: gzip\r\n");
  EXPECT_THAT(answer.head,
              AllOf(HasSubstr("\r\nTransfer-Encoding: chunked\r\n"),
                    HasSubstr("\r\nContent-Encoding: gzip\r\n"), HasSubstr("\r\nVary: Accept-Encoding\r\n")));
  util::InflateError error{};
  const auto text = util::inflate_gzip(joined(answer.body), 64UL * 1024 * 1024, error);
  ASSERT_TRUE(text);
  EXPECT_LT(answer.body.size(), text->size() / 4);
  EXPECT_EQ(lines_of(*text, "hostwatch_cpu_percent"), lines_of(plain, "hostwatch_cpu_percent"));
  EXPECT_EQ(lines_of(*text, "# "), lines_of(plain, "# "));
}

TEST_F(ApiExposition, OfHeadThereIsNoBody) {
  post_hosts(kHosts);
  const Answer answer = request("HEAD", "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

/// The pieces "0 1 2 … ", one number each.
class Numbers final : public http::PieceSource {
 public:
  explicit Numbers(int end) : end_(end) {}
  bool next(std::string& out) override {
    out += std::to_string(next_++) + ' ';
    return next_ < end_;
  }
  std::size_t memory() const override { return 100; }

 private:
  int next_ = 1;
  const int end_;
};

std::string all_of(http::PieceSource& source) {
  std::string all;
  for (bool has_more = true; has_more;) {
    std::string piece;
    has_more = source.next(piece);
    all += piece;
  }
  return all;
}

TEST(AnswerPieces, BeginWithWhatWasMadeFirst) {
  AnswerPieces plain(std::make_shared<Numbers>(4), "0 ", false);
  EXPECT_EQ(all_of(plain), "0 1 2 3 ");
  AnswerPieces packed(std::make_shared<Numbers>(4), "0 ", true);
  util::InflateError error{};
  EXPECT_EQ(util::inflate_gzip(all_of(packed), 1000, error), "0 1 2 3 ");
}

TEST(AnswerPieces, MemoryIsThatOfTheTextAndOfWhatCompressesIt) {
  const AnswerPieces plain(std::make_shared<Numbers>(4), std::string(5000, 'x'), false);
  EXPECT_GE(plain.memory(), 5100U);
  EXPECT_LT(plain.memory(), 6000U);
  const AnswerPieces packed(std::make_shared<Numbers>(4), std::string(5000, 'x'), true);
  EXPECT_GT(packed.memory(), 256UL * 1024) << "zlib's window and tables";
}

}  // namespace
}  // namespace hostwatch::api::test
