// What other programs' agents post, and what the log and /metrics say of it.
#include "server/http/post_refusals.h"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "tests/unit/server/http/access_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// What is logged while it lives.
class Log {
 public:
  Log() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~Log() { spdlog::set_default_logger(before_); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  std::string text() const { return text_.str(); }
  std::size_t lines() const {
    const std::string all = text();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

Request with(const std::string& name, const std::string& value) {
  Request request;
  request.headers.emplace(name, value);
  return request;
}

TEST(PostRefusals, AreToldOfOnceAnHourForEachClientAndKind) {
  const Log log;
  PostRefusals refusals;
  const Response wrong_form = Response::error(415, "send JSON");
  for (int i = 0; i < 5; ++i) refusals.note("POST /metrics", {}, "10.0.0.7", wrong_form, kNow + i);
  EXPECT_EQ(log.lines(), 1U);
  EXPECT_THAT(log.text(),
              AllOf(HasSubstr("10.0.0.7 is refused: POST /metrics is answered with 415, send JSON"),
                    HasSubstr("hostwatch-agent")));
  refusals.note("POST /metrics", {}, "10.0.0.8", wrong_form, kNow);
  refusals.note("POST /write", {}, "10.0.0.7", Response::error(404, "nothing"), kNow);
  EXPECT_EQ(log.lines(), 3U);
  refusals.note("POST /metrics", {}, "10.0.0.7", wrong_form, kNow + 3600);
  EXPECT_EQ(log.lines(), 4U);
  EXPECT_THAT(refusals.counts(), ElementsAre(1, 0, 7));
}

TEST(PostRefusals, NobodyFillsTheLog) {
  const Log log;
  PostRefusals refusals;
  for (int i = 0; i < 5000; ++i) {
    const std::string client = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    refusals.note("POST /" + std::string(3000, 'x'), {}, client, Response::error(404, "nothing"), kNow);
  }
  EXPECT_EQ(log.lines(), RefusalLog::kMost);
  EXPECT_LT(log.text().size(), RefusalLog::kMost * 600);
  EXPECT_EQ(refusals.counts()[0], 5000U);
}

TEST(PostRefusals, WhatStandsInTheLogIsPrintable) {
  const Log log;
  PostRefusals refusals;
  refusals.note("POST /a\n2026-11-29 info all is well", {}, "10.0.0.7", Response::error(404, "x\n\x1B[2J"),
                kNow);
  EXPECT_EQ(log.lines(), 1U);
  EXPECT_EQ(log.text().find('\x1B'), std::string::npos);
}

TEST(PostRefusals, AnswersThatAreNoRefusalArePassedOver) {
  const Log log;
  PostRefusals refusals;
  for (const int status : {200, 429, 500, 503}) {
    refusals.note("POST /metrics", {}, "10.0.0.7", Response::error(status, "x"), kNow);
  }
  EXPECT_EQ(log.lines(), 0U);
  EXPECT_THAT(refusals.counts(), ElementsAre(0, 0, 0));
}

TEST(PostRefusals, OtherProgramsAreKnownByTheirHeaders) {
  EXPECT_EQ(other_program_of(with("User-Agent", "collectd/5.12.0")), "collectd's write_http");
  EXPECT_EQ(other_program_of(with("User-Agent", "Netdata/1.44")), "netdata's exporter");
  EXPECT_EQ(other_program_of(with("X-Prometheus-Remote-Write-Version", "0.1.0")), "Prometheus remote write");
  EXPECT_EQ(other_program_of(with("Content-Encoding", "snappy")), "Prometheus remote write");
  EXPECT_EQ(other_program_of(with("User-Agent", "curl/8")), "");
}

class PostRefusalsOfServer : public AccessTest {
 protected:
  std::string count_of(const std::string& reason) {
    const std::string text = send("GET", "/metrics", bearer(auth::Scope::read)).body;
    const std::string name = "hostwatch_server_posts_refused_total{reason=\"" + reason + "\"} ";
    const std::size_t at = text.find(name);
    return at == std::string::npos ? "none"
                                   : text.substr(at + name.size(), text.find('\n', at) - at - name.size());
  }
};

TEST_F(PostRefusalsOfServer, EachIsCountedOnce) {
  const std::string token = bearer(auth::Scope::write);
  send("POST", "/write", "User-Agent: collectd/5.12.0\r\n", "[]");
  send("POST", "/metrics", "", "{}");
  send("POST", "/metrics", token + "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n",
       "xx");
  send("POST", "/metrics", token + kJson, "[{\"values\":[1]}]");
  send("POST", "/metrics", token + kJson, reading("web-1", kNow));
  send("GET", "/nothing", token);
  EXPECT_EQ(count_of("address"), "1");
  EXPECT_EQ(count_of("access"), "1");
  EXPECT_EQ(count_of("form"), "2");
}

}  // namespace
}  // namespace hostwatch::http::test
