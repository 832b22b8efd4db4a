// An HTTP server's thread that finds no memory: each answer is its own request's, or the connection ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/server/http/server_fixture.h"
#include "tests/unit/server/memory/failing_new.h"

namespace hostwatch::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpServerMemory : public test::ServerTest {
 protected:
  /// On one thread, so that what fails is the next request's.
  void SetUp() override {
    HttpServerOptions one_thread = options();
    one_thread.threads = 1;
    start(
        [](const Request& request, const Responder& responder) {
          std::optional<Response> answer = echo(request, responder);
          constexpr std::string_view kArm = "/fail/";
          if (request.path.starts_with(kArm))
            hostwatch::test::fail_new(std::stol(request.path.substr(kArm.size())));
          return answer;
        },
        one_thread);
  }

  /// False if the connection has ended, or is about to.
  bool ask(test::RawClient& client, const std::string& method, const std::string& path) {
    const std::string body = method == "POST" ? "body of " + path : "";
    client.send(method + " " + path +
                " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const std::string answer = client.answer(method == "HEAD");
    if (answer.empty()) return false;
    if (answer.starts_with("HTTP/1.1 200 ")) {
      if (method == "HEAD") return true;
      EXPECT_THAT(answer, HasSubstr("\r\n\r\n" + method + " " + path + " " + body));
    } else {
      ++failed_;
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 ")) << "nobody but the server is at fault";
    }
    return answer.find("Connection: close") == std::string::npos;
  }

  int failed_ = 0;
};

TEST_F(HttpServerMemory, EveryAnswerIsItsOwnRequests) {
  for (const char* method : {"POST", "HEAD", "GET"}) {
    for (int number = 0; number < 100; ++number) {
      const std::string name = std::string("/") + method + std::to_string(number);
      test::RawClient client(server_->port());
      // The last one ends what has not failed by then, or is what fails.
      for (const auto& [verb, path] : {std::pair("GET", "/fail/" + std::to_string(number)),
                                       {method, name},
                                       {"GET", name + "/next"},
                                       {"POST", name + "/last"},
                                       {"GET", "/fail/-1"}}) {
        if (!ask(client, verb, path)) break;
      }
    }
  }
  EXPECT_GT(failed_, 30);
}

}  // namespace
}  // namespace hostwatch::http
