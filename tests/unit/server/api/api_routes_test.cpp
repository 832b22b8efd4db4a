// Every address and method, the page and its files.
#include <gmock/gmock.h>

#include <regex>

#include "server/api/page/assets.h"
#include "tests/unit/server/api/api_fixture.h"
#include "util/gzip.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string header(const Answer& answer, const std::string& name) {
  const std::size_t at = answer.head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + 4 + name.size();
  return answer.head.substr(begin, answer.head.find("\r\n", begin) - begin);
}

struct Address {
  std::string target;
  int get;            ///< status of GET
  std::string allow;  ///< of a 405
};

TEST_F(ApiTest, EveryAddressWithEveryMethod) {
  for (const Address& address :
       {Address{"/", 302, "GET, HEAD"}, Address{"/dashboard", 200, "GET, HEAD"},
        Address{"/health", 200, "GET, HEAD"}, Address{"/catalogue", 200, "GET, HEAD"},
        Address{"/hosts", 200, "DELETE, GET, HEAD"}, Address{"/data", 200, "GET, HEAD"},
        Address{"/assets/favicon.svg", 200, "GET, HEAD"}, Address{"/hosts/a", 405, "DELETE"},
        Address{"/hosts/a/clean", 405, "POST"}, Address{"/hosts/a/allow", 405, "DELETE, POST"}}) {
    SCOPED_TRACE(address.target);
    const Answer got = get(address.target);
    EXPECT_EQ(got.status, address.get);
    const Answer head = request("HEAD", address.target);
    EXPECT_EQ(head.status, address.get);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(header(head, "Content-Length"), header(got, "Content-Length"));
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}) {
      if (address.allow.find(method) != std::string::npos) continue;
      const Answer refused = request(method, address.target);
      EXPECT_EQ(refused.status, 405) << method;
      EXPECT_EQ(header(refused, "Allow"), address.allow) << method;
      EXPECT_EQ(refused.parsed(), (json{{"error", "this address takes only " + address.allow}}));
    }
  }
  const Answer metrics = request("DELETE", "/metrics");
  EXPECT_EQ(metrics.status, 405);
  EXPECT_EQ(header(metrics, "Allow"), "GET, POST, HEAD");
  EXPECT_EQ(get("/metrics").status, 200);
  EXPECT_EQ(request("HEAD", "/metrics").status, 200);
}

TEST_F(ApiTest, WhatIsNotThereIsA404InJson) {
  for (const char* target :
       {"/x", "/dashboard//", "/Data", "/hosts/a/b", "//evil.example/", "//evil.example/..",
        "/\\evil.example/", "/assets/", "/assets/x.js", "/assets/dashboard.html", "/assets/../favicon.svg",
        "/assets/%2e%2e/api.cpp", "/%2e%2e/etc/passwd", "/assets/favicon.svg%00", "/assets//favicon.svg",
        "/assets/app.js", "/<script>"}) {
    const Answer answer = get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_TRUE(answer.parsed()["error"].is_string()) << target;
    EXPECT_THAT(answer.body, Not(HasSubstr("<")));
  }
}

TEST_F(ApiTest, TheRootLeadsToThePageUnderAnyBasePath) {
  EXPECT_EQ(header(get("/"), "Location"), "dashboard");
}

TEST_F(ApiTest, AStraySlashMakesNoOtherAddress) {
  post(reading("web-1", kNow));
  for (const char* target :
       {"//health", "/health/", "///health//", "//hosts", "/hosts/", "/data/?hostname=web-1",
        "//data?hostname=web-1", "/metrics/", "/catalogue/", "//dashboard"}) {
    EXPECT_EQ(get(target).status, 200) << target;
  }
  EXPECT_EQ(get("/data/?hostname=web-1").parsed()["count"], 1);
  EXPECT_EQ(ask(api_->port(), "POST", "//metrics/", "", reading("web-1", kNow + 1)).status, 200);
  EXPECT_EQ(get("/hosts/web-1/").status, 405);
  EXPECT_EQ(request("POST", "/hosts/web-1/clean/").status, 200);
  EXPECT_EQ(request("DELETE", "/hosts/?hostname=nobody").status, 404);
  EXPECT_EQ(request("DELETE", "/hosts/").status, 404) << "no host is no host's name";
  EXPECT_EQ(request("DELETE", "/hosts/web-1/").status, 200);
}

TEST_F(ApiTest, ASlashBehindThePagesAddressLeadsToThePageAndNowhereElse) {
  const Answer answer = get("/dashboard/?next=//evil.example/");
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(header(answer, "Location"), "../dashboard");
  EXPECT_EQ(header(get("//"), "Location"), "dashboard");
  for (const char* target : {"//evil.example", "//evil.example/", "/dashboard//", "/%2F/evil.example/"}) {
    EXPECT_EQ(header(get(target), "Location"), "") << target;
  }
}

TEST_F(ApiTest, AWholeAddressInTheRequestLineIsTheAddress) {
  EXPECT_EQ(get("http://127.0.0.1:5000/health").status, 200);
  EXPECT_EQ(get("http://127.0.0.1:5000//health/").status, 200);
  EXPECT_EQ(get("http://localhost/hosts").status, 200) << "by that name, whatever Host says";
  EXPECT_EQ(get("http://evil.example/hosts").status, 403) << "its host is asked for, not that of Host";
}

TEST_F(ApiTest, ThePageHasAStrictPolicy) {
  const Answer page = get("/dashboard");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(page, "X-Frame-Options"), "DENY");
  const std::string policy = header(page, "Content-Security-Policy");
  for (const char* part : {"default-src 'none'", "script-src 'self'", "style-src 'self'",
                           "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"}) {
    EXPECT_THAT(policy, HasSubstr(part));
  }
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("*")));
  EXPECT_THAT(page.body, Not(HasSubstr("=\"/"))) << "an address that is not relative";
  EXPECT_THAT(page.body, Not(HasSubstr("http://")));
  EXPECT_THAT(page.body, Not(HasSubstr("https://")));
}

TEST_F(ApiTest, EveryFileIsServedAsItIs) {
  ASSERT_FALSE(embedded_files().empty());
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == "dashboard.html") continue;
    const Answer answer = get("/assets/" + std::string(file.name));
    EXPECT_EQ(answer.status, 200) << file.name;
    EXPECT_TRUE(answer.body == file.content) << file.name;
    EXPECT_NE(header(answer, "Content-Type"), "application/octet-stream") << file.name;
  }
}

TEST_F(ApiTest, AFileThatIsKnownIsNotSentAgain) {
  for (const char* target : {"/dashboard", "/assets/favicon.svg"}) {
    const Answer first = get(target);
    const std::string tag = header(first, "ETag");
    EXPECT_FALSE(tag.empty());
    EXPECT_EQ(header(first, "Cache-Control"), "no-cache");
    const Answer again = get(target, "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(header(again, "ETag"), tag);
    EXPECT_EQ(header(again, "Content-Length"), "");
    EXPECT_EQ(get(target, "If-None-Match: \"other\"\r\n").status, 200);
  }
}

TEST_F(ApiTest, AFileWhoseNameTellsItsContentIsKeptForEver) {
  std::size_t named_by_content = 0;
  for (const EmbeddedFile& file : embedded_files()) {
    const bool expected = file.name.ends_with(".js") || file.name.ends_with(".css");
    if (file.name == "dashboard.html") continue;
    EXPECT_EQ(header(get("/assets/" + std::string(file.name)), "Cache-Control"),
              expected ? "max-age=31536000, immutable" : "no-cache")
        << file.name;
    named_by_content += expected ? 1 : 0;
  }
  EXPECT_GT(named_by_content, 3U);
}

TEST_F(ApiTest, ThePageNamesFilesThatAreThere) {
  const std::string page = get("/dashboard").body;
  const std::regex address(R"re((?:src|href)="([^"#]+)")re");
  std::size_t found = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), address), end; at != end; ++at, ++found) {
    EXPECT_EQ(get("/" + (*at)[1].str()).status, 200) << (*at)[1];
  }
  EXPECT_GE(found, 4U);
}

TEST_F(ApiTest, BigAnswersAreCompressedForThoseWhoLike) {
  const Answer plain = get("/catalogue");
  const Answer packed = get("/catalogue", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  util::InflateError error{};
  EXPECT_EQ(util::inflate_gzip(packed.body, 1000000, error), plain.body);
  EXPECT_EQ(header(get("/health", "Accept-Encoding: gzip\r\n"), "Content-Encoding"), "") << "small";
}

TEST_F(ApiTest, Health) {
  const Answer answer = get("/health");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.parsed()["status"], "ok");
  EXPECT_EQ(answer.parsed()["version"], HOSTWATCH_VERSION);
  const json database = answer.parsed()["database"];
  EXPECT_GT(database["bytes"], 0);
  EXPECT_TRUE(database["oldest"].is_null()) << "there is no history";
  EXPECT_TRUE(database["bytes_per_day"].is_null()) << "not known yet";
  EXPECT_TRUE(database["limit_bytes"].is_null());
}

}  // namespace
}  // namespace hostwatch::api::test
