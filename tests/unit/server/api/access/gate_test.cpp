// Who is admitted by what a request says of itself: the name that it asks for, the page that it comes from,
// the proxies on its way, and lines that contradict each other.
#include <gmock/gmock.h>

#include "tests/unit/server/api/access_fixture.h"

namespace hostwatch::api::test {
namespace {

using auth::AccessMode;
using auth::Scope;
using testing::HasSubstr;

constexpr const char* kForeign = "monitor.elsewhere.example";

class GateTest : public AccessTest {
 protected:
  void start(AccessMode mode) {
    settings.settings.mode = mode;
    restart();
  }
  void trust_loopback() {
    settings.settings.trusted_proxies.push_back(*net::AddressRange::parse("127.0.0.1"));
    restart();
  }

  /// The answer to a request that names another host than ask() does.
  Answer ask_as(const std::string& host, const std::string& method, const std::string& target,
                const std::string& headers = {}, const std::string& body = {}) const {
    RawClient client(api_->port());
    client.send(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const std::string all = client.rest();
    const std::size_t end = all.find("\r\n\r\n");
    return {std::stoi(all.substr(9, 3)), all.substr(0, end + 2), all.substr(end + 4)};
  }
  int status_as(const std::string& host, const std::string& method, const std::string& target,
                const std::string& headers = {}, const std::string& body = {}) const {
    return ask_as(host, method, target, headers, body).status;
  }
};

// --- Host ---

TEST_F(GateTest, WhereNobodyIsAskedAPageWhoseNameIsMadeToLeadHereGetsNothing) {
  for (const AccessMode mode : {AccessMode::open, AccessMode::insecure}) {
    start(mode);
    for (const char* target : {"/hosts", "/data", "/fleet?metric=cpu", "/dashboard", "/session", "/tokens"}) {
      const Answer answer = ask_as(kForeign, "GET", target);
      EXPECT_EQ(answer.status, 403) << target;
      EXPECT_THAT(answer.body, HasSubstr("--allow-host"));
    }
    const std::string origin = std::string("Origin: http://") + kForeign + "\r\n";
    EXPECT_EQ(status_as(kForeign, "POST", "/tokens", kJson + origin, R"({"name":"x","scope":"admin"})"), 403);
    EXPECT_EQ(status_as(kForeign, "POST", "/metrics", kJson, reading("x", kNow)), 403);
    EXPECT_EQ(status_as(kForeign, "GET", "/hosts", "Authorization: Bearer hw_wrong\r\n"), 403)
        << "anybody can send a wrong token";
    EXPECT_EQ(status_as("192.0.2.1:5000", "GET", "/hosts"), 200);
    EXPECT_EQ(status_as("page.localhost", "GET", "/hosts"), 200);
    RawClient old(api_->port());
    old.send("GET /hosts HTTP/1.0\r\n\r\n");
    EXPECT_THAT(old.rest(), HasSubstr(" 200 ")) << "no browser leaves the name out";
  }
}

TEST_F(GateTest, ATokenIsGoodUnderAnyName) {
  for (const AccessMode mode : {AccessMode::open, AccessMode::insecure, AccessMode::required}) {
    start(mode);
    EXPECT_EQ(status_as(kForeign, "GET", "/hosts", bearer(Scope::read)), 200);
    EXPECT_EQ(
        status_as("server:5000", "POST", "/metrics", kJson + bearer(Scope::agent, "x"), reading("x", kNow)),
        200);
  }
  settings.settings.allowed_hosts = {"monitor.example"};
  restart();
  EXPECT_EQ(status_as(kForeign, "GET", "/hosts", bearer(Scope::read)), 200);
}

TEST_F(GateTest, WhereOneSignsInThePageWorksUnderAnyNameThatLeadsToIt) {
  EXPECT_EQ(status_as(kForeign, "GET", "/dashboard"), 200);
  EXPECT_EQ(status_as(kForeign, "GET", "/session"), 200);
  EXPECT_EQ(status_as(kForeign, "GET", "/hosts"), 401);
  const std::string admin = signed_in();
  EXPECT_EQ(status_as(kForeign, "GET", "/hosts", admin), 200);
  EXPECT_EQ(status_as(kForeign, "DELETE", "/hosts/x", admin), 404);
  EXPECT_EQ(status_as(kForeign, "POST", "/session", kJson, "{}"), 401);
}

TEST_F(GateTest, NamesThatAreListedAreTheOnlyOnes) {
  settings.settings.allowed_hosts = {"monitor.example"};
  restart();
  EXPECT_EQ(status_as("monitor.example", "GET", "/dashboard"), 200);
  EXPECT_EQ(status_as(kForeign, "GET", "/dashboard"), 403);
  EXPECT_EQ(status_as(kForeign, "GET", "/hosts", signed_in()), 403);
  EXPECT_EQ(
      status_as(kForeign, "POST", "/metrics", kJson + std::string("Authorization: Bearer hw_x\r\n"), "{}"),
      401)
      << "an agent has to learn that its token is wrong";
}

TEST_F(GateTest, GuestsLookUnderNamesThatAreKnown) {
  settings.settings.guest = true;
  restart();
  EXPECT_EQ(status_as("localhost", "GET", "/hosts"), 200);
  EXPECT_EQ(status_as(kForeign, "GET", "/hosts"), 403);
  EXPECT_EQ(status_as(kForeign, "GET", "/dashboard"), 200) << "to sign in";
  EXPECT_EQ(status_as(kForeign, "GET", "/hosts", signed_in()), 200);
}

TEST_F(GateTest, ThePublicAddressIsAKnownName) {
  start(AccessMode::insecure);
  EXPECT_EQ(status_as("public.example", "GET", "/hosts"), 403);
  settings.settings.public_authority = "Public.example:8443";
  restart();
  EXPECT_EQ(status_as("public.example:8443", "GET", "/hosts"), 200);
  EXPECT_EQ(status_as("localhost", "POST", "/hosts/x/clean", "Origin: https://public.example:8443\r\n"), 404)
      << "behind a proxy that sends its own Host";
  EXPECT_EQ(status_as("localhost", "POST", "/hosts/x/clean", "Origin: https://public.example\r\n"), 403)
      << "another port is another program";
}

TEST_F(GateTest, AProxysWordForItsUserCountsUnderNamesThatAreKnown) {
  settings.settings.proxy_user_header = "X-Remote-User";
  trust_loopback();
  EXPECT_EQ(status_as("localhost", "GET", "/hosts", "X-Remote-User: maria\r\n"), 200);
  EXPECT_EQ(status_as(kForeign, "GET", "/hosts", "X-Remote-User: maria\r\n"), 403);
}

TEST_F(GateTest, HealthIsToldUnderAnyNameAsToAnybody) {
  for (const AccessMode mode : {AccessMode::open, AccessMode::insecure, AccessMode::required}) {
    start(mode);
    EXPECT_EQ(ask_as(kForeign, "GET", "/health").body, R"({"status":"ok"})");
    EXPECT_EQ(ask_as(kForeign, "GET", "/health", "X-Forwarded-For: 192.0.2.1\r\n").body,
              R"({"status":"ok"})");
  }
}

// --- proxies ---

TEST_F(GateTest, AnOpenServerRefusesWhatComesThroughAProxy) {
  start(AccessMode::open);
  for (const char* header : {"Forwarded: for=192.0.2.1",
                             "X-Forwarded-For: 192.0.2.1",
                             "X-Forwarded-Host: monitor.example",
                             "X-Forwarded-Proto: https",
                             "X-Forwarded-Port: 443",
                             "X-Forwarded-Prefix: /hostwatch",
                             "x-forwarded-server: a",
                             "X-Real-IP: 192.0.2.1",
                             "Via: 1.1 proxy",
                             "CF-Connecting-IP: 192.0.2.1",
                             "True-Client-IP: 192.0.2.1",
                             "X-Client-IP: 192.0.2.1",
                             "X-Cluster-Client-IP: 192.0.2.1",
                             "Fastly-Client-IP: 192.0.2.1",
                             "Fly-Client-IP: 192.0.2.1",
                             "X-Azure-ClientIP: 192.0.2.1",
                             "X-Envoy-External-Address: 192.0.2.1",
                             "X-Original-Forwarded-For: 192.0.2.1",
                             "X-Original-Host: monitor.example",
                             "CF-Connecting-IPv6: 2001:db8::1",
                             "CDN-Loop: cloudflare",
                             "CloudFront-Viewer-Address: 192.0.2.1:443",
                             "X-AppEngine-User-IP: 192.0.2.1",
                             "X-ProxyUser-Ip: 192.0.2.1",
                             "X-Azure-SocketIP: 192.0.2.1",
                             "Forwarded-For: 192.0.2.1"}) {
    const std::string line = std::string(header) + "\r\n";
    const Answer answer = ask_as("localhost", "GET", "/hosts", line);
    EXPECT_EQ(answer.status, 403) << header;
    EXPECT_THAT(answer.body, HasSubstr("--trusted-proxy"));
    EXPECT_EQ(status_as("localhost", "POST", "/tokens", kJson + line, R"({"name":"x","scope":"admin"})"),
              403);
    EXPECT_EQ(status_as("localhost", "GET", "/tokens", bearer(Scope::agent, "x") + line), 403)
        << "where nobody is asked any token may everything";
  }
  EXPECT_EQ(status_as("localhost", "GET", "/hosts"), 200);
}

TEST_F(GateTest, SeveralLinesOfForwardedAddressesAreOneList) {
  trust_loopback();
  const std::string body = json{{"user", "admin"}, {"password", "wrong"}}.dump();
  const auto attempt = [&](int i) {  // as HAProxy does, which adds a line
    return send("POST", "/session",
                kJson + ("X-Forwarded-For: 203.0.113." + std::to_string(i)) +
                    "\r\nX-Forwarded-For: 198.51.100.3\r\n",
                body)
        .status;
  };
  for (int i = 0; i < 4; ++i) EXPECT_EQ(attempt(i), i < 3 ? 401 : 429);
  EXPECT_EQ(attempt(9), 429) << "whatever the client puts in front";
}

TEST_F(GateTest, TheStandardHeaderOfForwardingCountsFromNobody) {  // RFC 7239
  trust_loopback();
  const std::string body = json{{"user", "admin"}, {"password", "wrong"}}.dump();
  const auto attempt = [&](int i) {
    return send("POST", "/session",
                kJson + ("Forwarded: for=203.0.113." + std::to_string(i)) + ";proto=https\r\n", body)
        .status;
  };
  for (int i = 0; i < 4; ++i) EXPECT_EQ(attempt(i), i < 3 ? 401 : 429);
  EXPECT_EQ(send("GET", "/session", "Forwarded: proto=https\r\n").parsed()["encrypted"], false);
}

TEST_F(GateTest, AClientIsTheSameHoweverItsAddressIsWritten) {
  trust_loopback();
  const std::string body = json{{"user", "admin"}, {"password", "wrong"}}.dump();
  const auto attempt = [&](const std::string& from) {
    return send("POST", "/session", kJson + ("X-Forwarded-For: " + from) + "\r\n", body).status;
  };
  for (const char* same : {"198.51.100.3:1", "198.51.100.3:65535", "::ffff:198.51.100.3"}) attempt(same);
  EXPECT_EQ(attempt("[::ffff:198.51.100.3]:80"), 429);
  for (const char* same : {"2001:db8::1", "[2001:DB8:0::2]:443", "2001:db8::3%eth0"}) attempt(same);
  EXPECT_EQ(attempt("2001:db8:0:0:ffff::"), 429) << "a client has a /64";
  EXPECT_EQ(attempt("2001:db8:0:1::1"), 401);
  EXPECT_EQ(attempt("198.51.100.4, , 127.0.0.1"), 401) << "proxies of ours and empty members are passed over";
}

TEST_F(GateTest, AnAgentBehindATrustedProxyIsKnownByItsOwnAddress) {
  trust_loopback();
  const std::string identity = "Hostwatch-Agent: " + std::string(32, 'a') + "\r\n";
  ASSERT_EQ(send("POST", "/metrics",
                 kJson + bearer(Scope::agent, "web-1") + identity + "X-Forwarded-For: [2001:DB8::7]:4711\r\n",
                 reading("web-1", kNow))
                .status,
            200);
  const json host = send("GET", "/hosts", bearer(Scope::read)).parsed()["hosts"][0];
  EXPECT_EQ(host["agents"][0]["address"], "2001:db8::7");
}

TEST_F(GateTest, ATrustedProxyThatSaysTwoThingsIsNotBelieved) {
  settings.settings.proxy_user_header = "X-Remote-User";
  trust_loopback();
  for (const char* headers :
       {"X-Remote-User: admin\r\nX-Remote-User: guest7\r\n", "X-Remote-User: a\r\nx-remote-user: a\r\n",
        "X-Remote-User: anna, bob\r\n", "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n",
        "X-Forwarded-Proto: https, http\r\n"}) {
    EXPECT_EQ(send("GET", "/session", headers).status, 400) << headers;
    EXPECT_EQ(send("GET", "/hosts", headers).status, 400) << headers;
  }
  EXPECT_EQ(send("GET", "/session", "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: HTTPS\r\n")
                .parsed()["encrypted"],
            true);
}

TEST_F(GateTest, WhatAStrangerSaysTwiceOfProxiesMeansNothing) {
  settings.settings.proxy_user_header = "X-Remote-User";
  restart();
  EXPECT_EQ(send("GET", "/dashboard", "X-Remote-User: a\r\nX-Remote-User: b\r\n").status, 200);
  EXPECT_EQ(send("GET", "/dashboard", "X-Forwarded-Proto: https, http\r\n").status, 200);
}

TEST_F(GateTest, CookiesMayComeInSeveralLines) {  // RFC 9113, 8.2.3
  const std::string admin = signed_in();
  EXPECT_EQ(send("GET", "/hosts", "Cookie: theme=dark\r\n" + admin + "Cookie: other=1\r\n").status, 200);
}

// --- other sites ---

TEST_F(GateTest, ASessionIsFoundBehindCookiesOfThatNameThatAnotherPageHasSet) {
  std::string admin = signed_in();  // "Cookie: hostwatch=…"
  const std::size_t value = admin.find("hostwatch=");
  ASSERT_NE(value, std::string::npos);
  const std::string after_one = std::string(admin).insert(value, "hostwatch=junk; ");
  EXPECT_EQ(send("GET", "/hosts", after_one).status, 200);
  EXPECT_EQ(send("DELETE", "/hosts/x", after_one).status, 404) << "its page's secret is of the same session";
  std::string many;
  for (int i = 0; i < 8; ++i) many += "hostwatch=junk; ";
  EXPECT_EQ(send("GET", "/hosts", std::string(admin).insert(value, many)).status, 401) << "eight are tried";
}

TEST_F(GateTest, ATokenIsTheSameWithHoweverManyBlanksBeforeIt) {  // RFC 9110, 11.4 has one or more
  std::string token = bearer(Scope::enroll);
  token.replace(token.find("Bearer "), 7, "bearer    ");
  const std::string identity = "Hostwatch-Agent: " + std::string(32, 'a') + "\r\n";
  const Answer answer = send("POST", "/enroll", kJson + identity + token, R"({"hostname":"web-1"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(GateTest, AnotherSitesPageReadsNothingWhereNobodyIsAsked) {
  const std::string cross = "Sec-Fetch-Site: cross-site\r\n";
  const std::string same = "Sec-Fetch-Site: same-site\r\n";
  const std::string link = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
  const std::string frame = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n";
  for (const bool guest : {false, true}) {
    settings.settings.guest = guest;
    start(guest ? AccessMode::required : AccessMode::open);
    const auto status = [&](const std::string& target, const std::string& headers) {
      return status_as("localhost", "GET", target, headers);
    };
    for (const char* target : {"/data", "/hosts", "/fleet?metric=cpu", "/metrics", "/assets/favicon.svg"}) {
      EXPECT_EQ(status(target, cross + "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"), 403)
          << target;
      EXPECT_EQ(status(target, same), 403) << target;
      EXPECT_EQ(status(target, cross + frame), 403) << target;
      EXPECT_EQ(status(target, "Origin: http://evil.example\r\n"), 403) << "over http:// there is no more";
      EXPECT_EQ(status(target, "Sec-Fetch-Site: same-origin\r\n"), 200) << target;
      EXPECT_EQ(status(target, "Sec-Fetch-Site: none\r\n" + link), 200) << "typed, or a bookmark";
      EXPECT_EQ(status(target, ""), 200) << "curl";
    }
    EXPECT_EQ(status("/dashboard", cross + link), 200) << "a link";
    EXPECT_EQ(status("/dashboard", cross + frame), 403);
    EXPECT_EQ(status("/health", cross), 200);
  }
}

TEST_F(GateTest, WhereOneSignsInAnotherSitesPageGetsThePagesFilesAndNothingOfASession) {
  const std::string image = "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n";
  const std::string cross = "Sec-Fetch-Site: cross-site\r\n" + image;
  EXPECT_EQ(send("GET", "/assets/favicon.svg", cross).status, 200);
  EXPECT_EQ(send("GET", "/hosts", cross).status, 401) << "it has nothing to show";
  // A browser keeps the cookie from other sites, and not from other ports and names of this one.
  const std::string admin = signed_in();
  EXPECT_EQ(send("GET", "/hosts", admin + "Sec-Fetch-Site: same-site\r\n" + image).status, 403);
  EXPECT_EQ(send("GET", "/hosts", bearer(Scope::read) + cross).status, 200) << "no page knows a token";
}

// --- addresses ---

TEST_F(GateTest, AStarThatIsSentIsNoPattern) {
  const std::string admin = bearer(Scope::admin);
  for (const char* target : {"/hosts%2F*", "/hosts/*/*", "/*", "/hosts%2Fx", "/tokens%2F*", "/assets%2F*",
                             "/hosts%2F*%2Fclean", "/hosts//clean"}) {
    for (const char* method : {"GET", "POST", "DELETE"}) {
      const Answer answer = send(method, target, admin);
      EXPECT_EQ(answer.status, 404) << method << " " << target;
      EXPECT_THAT(answer.body, HasSubstr("nothing at this address")) << method << " " << target;
    }
  }
  EXPECT_EQ(send("GET", "/assets/*").status, 404);
  EXPECT_THAT(send("DELETE", "/tokens/*", admin).body, HasSubstr("no token of that number"));
  EXPECT_THAT(send("DELETE", "/hosts/*", admin).body, HasSubstr("no host of that name"));
}

TEST_F(GateTest, ATokensNumberIsAWholeSegment) {
  const std::string admin = bearer(Scope::admin);
  bearer(Scope::read);
  const std::string number = std::to_string(last_token_);
  for (const std::string& target :
       {"/tokens/x%2F" + number, "/tokens/" + number + "%2F", "/tokens/+" + number}) {
    EXPECT_EQ(send("DELETE", target, admin).status, 404) << target;
  }
  EXPECT_EQ(send("DELETE", "/tokens/" + number + "?x=1", admin).status, 200);
}

}  // namespace
}  // namespace hostwatch::api::test
