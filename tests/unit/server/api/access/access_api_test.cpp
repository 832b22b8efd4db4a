// Signing in, setting up, tokens, enrolment: as requests and answers.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include "tests/unit/server/api/access_fixture.h"
#include "tests/unit/server/api/busy_pool.h"

namespace hostwatch::api::test::access_api_test {
namespace {

using auth::Scope;
using testing::HasSubstr;
using testing::Not;

using AccessApiTest = AccessTest;

const std::string kIdentity = "Hostwatch-Agent: " + std::string(32, 'a') + "\r\n";
const std::string kOtherIdentity = "Hostwatch-Agent: " + std::string(32, 'b') + "\r\n";

TEST_F(AccessApiTest, TheSessionTellsWhatThePageNeeds) {
  const json nobody = send("GET", "/session").parsed();
  EXPECT_EQ(nobody["authentication"], "required");
  EXPECT_EQ(nobody["encrypted"], false);
  EXPECT_EQ(nobody["setup_needed"], false);
  EXPECT_EQ(nobody["can_read"], false);
  EXPECT_TRUE(nobody["user"].is_null());
  const json admin = send("GET", "/session", signed_in()).parsed();
  EXPECT_EQ(admin["user"], (json{{"name", "admin"}, {"role", "admin"}, {"via", "session"}}));
  EXPECT_EQ(admin["can_read"], true);
  EXPECT_EQ(admin["can_manage"], true);
  EXPECT_TRUE(admin["csrf"].is_string());
}

TEST_F(AccessApiTest, TheCookieIsOutOfReachOfScriptsAndOtherSites) {
  const Answer answer =
      send("POST", "/session", kJson, json{{"user", "admin"}, {"password", kPassword}}.dump());
  EXPECT_THAT(answer.head, HasSubstr("Set-Cookie: hostwatch="));
  EXPECT_THAT(answer.head, HasSubstr("; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000\r\n"));
}

TEST_F(AccessApiTest, BehindATrustedProxyThatSpeaksTlsTheCookieIsForTlsAlone) {
  settings.settings.trusted_proxies.push_back(*net::AddressRange::parse("127.0.0.1"));
  restart();
  const Answer answer = send("POST", "/session", std::string(kJson) + "X-Forwarded-Proto: https\r\n",
                             json{{"user", "admin"}, {"password", kPassword}}.dump());
  EXPECT_THAT(answer.head, HasSubstr("Set-Cookie: __Host-hostwatch="));
  EXPECT_THAT(answer.head, HasSubstr("; Secure\r\n"));
  EXPECT_EQ(answer.parsed()["encrypted"], true);
}

TEST_F(AccessApiTest, AWrongPasswordTellsNothing) {
  const Answer wrong = send("POST", "/session", kJson, json{{"user", "admin"}, {"password", "wrong"}}.dump());
  const Answer unknown =
      send("POST", "/session", kJson, json{{"user", "eve"}, {"password", kPassword}}.dump());
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
  EXPECT_THAT(wrong.head, Not(HasSubstr("Set-Cookie")));
}

TEST_F(AccessApiTest, WhoGuessesHasToWait) {
  const std::string body = json{{"user", "admin"}, {"password", "wrong"}}.dump();
  for (int i = 0; i < 4; ++i) send("POST", "/session", kJson, body);
  const Answer answer = send("POST", "/session", kJson, body);
  EXPECT_EQ(answer.status, 429);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After: 1\r\n"));
}

TEST_F(AccessApiTest, WhoHasToWaitIsToldSoAtOnceAndTakesNobodysPlace) {
  const std::string body = json{{"user", "admin"}, {"password", "wrong"}}.dump();
  for (int i = 0; i < 4; ++i) send("POST", "/session", kJson, body);
  const std::string set_up = json{{"code", "wrong"}}.dump();
  const BusyPool busy(api_->passwords(), 1);
  EXPECT_EQ(send("POST", "/session", kJson, body).status, 429);
  EXPECT_EQ(send("POST", "/setup", kJson, set_up).status, 409) << "there is a user already";
}

TEST_F(AccessApiTest, WhoHasToWaitWithTheCodeIsToldSoAtOnce) {
  api_->credentials().remove_user("admin");
  const std::string body = json{{"code", "wrong"}, {"user", "anna"}, {"password", kPassword}}.dump();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send("POST", "/setup", kJson, body).status, 403);
  const BusyPool busy(api_->passwords(), 1);
  EXPECT_EQ(send("POST", "/setup", kJson, body).status, 429);
}

/// Behind a proxy that is trusted, so that tries can come from anywhere.
class Guesses : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    settings.settings.trusted_proxies.push_back(*net::AddressRange::parse("127.0.0.1"));
    restart();
  }

  std::future<int> attempt(const std::string& from, const char* password) {
    return std::async(std::launch::async, [this, from, password] {
      return send("POST", "/session", kJson + ("X-Forwarded-For: " + from) + "\r\n",
                  json{{"user", "admin"}, {"password", password}}.dump())
          .status;
    });
  }

  /// Returns when so many of the tries have their answers.
  static void wait_for(const std::vector<std::future<int>>& tries, std::ptrdiff_t answered) {
    const auto is_answered = [](const std::future<int>& one) {
      return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::count_if(tries.begin(), tries.end(), is_answered) < answered) {
      if (std::chrono::steady_clock::now() > patience) {
        ADD_FAILURE() << "more of them wait than may";
        return;
      }
      std::this_thread::yield();
    }
  }

  static std::map<int, int> answers_of(std::vector<std::future<int>>& tries) {
    std::map<int, int> answers;
    for (auto& one : tries) ++answers[one.get()];
    return answers;
  }
};

TEST_F(Guesses, OfOneClientKeepNobodyElseOut) {
  BusyPool busy(api_->passwords(), 1);
  std::vector<std::future<int>> guesses;
  for (int i = 0; i < 20; ++i) guesses.push_back(attempt("2001:db8::" + std::to_string(i), "wrong"));
  wait_for(guesses, 18);  // all but the two that found a place, while nothing is hashed
  auto owner = attempt("192.0.2.1", kPassword);
  busy.release();
  EXPECT_EQ(owner.get(), 200);
  EXPECT_EQ(answers_of(guesses), (std::map<int, int>{{401, 2}, {503, 18}}));
}

TEST_F(Guesses, FromManyNetworksKeepNobodyOutWhoHasSignedInBefore) {
  ASSERT_EQ(attempt("192.0.2.1", kPassword).get(), 200);
  const std::string cookie = signed_in();
  BusyPool busy(api_->passwords(), 1);
  std::vector<std::future<int>> guesses;
  for (int i = 0; i < 40; ++i) guesses.push_back(attempt("2001:" + std::to_string(i) + "::1", "wrong"));
  wait_for(guesses, 28);
  auto owner = attempt("192.0.2.1", kPassword);
  auto on_the_way = std::async(std::launch::async, [&] {
    return send("POST", "/password", cookie + "X-Forwarded-For: 198.51.100.1\r\n" + kJson,
                json{{"current", kPassword}, {"password", kPassword}}.dump())
        .status;
  });
  busy.release();
  EXPECT_EQ(owner.get(), 200);
  EXPECT_EQ(on_the_way.get(), 200) << "who is signed in, wherever they are";
  EXPECT_EQ(answers_of(guesses), (std::map<int, int>{{401, 12}, {503, 28}}));
}

TEST_F(AccessApiTest, ANameThatNobodyCanHaveIsAWrongPasswordWithoutHashing) {
  const auto attempt = [&](const std::string& user) {
    return send("POST", "/session", kJson, json{{"user", user}, {"password", kPassword}}.dump());
  };
  const Answer wrong = send("POST", "/session", kJson, json{{"user", "admin"}, {"password", "x"}}.dump());
  const Answer longer = attempt(std::string(15'000, 'x'));
  EXPECT_EQ(longer.status, 401);
  EXPECT_EQ(longer.body, wrong.body);
  EXPECT_EQ(attempt("a\nb").status, 401);
  EXPECT_EQ(attempt("").status, 401);
  EXPECT_EQ(attempt(std::string(254, 'y')).status, 429) << "they count as one";
}

TEST_F(AccessApiTest, AnAddressThatAStrangerClaimsIsNotBelieved) {
  const std::string body = json{{"user", "admin"}, {"password", "wrong"}}.dump();
  for (int i = 0; i < 5; ++i) {
    send("POST", "/session", kJson + ("X-Forwarded-For: 10.0.0." + std::to_string(i)) + "\r\n", body);
  }
  EXPECT_EQ(send("POST", "/session", std::string(kJson) + "X-Forwarded-For: 10.0.0.9\r\n", body).status, 429);
}

TEST_F(AccessApiTest, ATrustedProxyTellsWhoIsBehindIt) {
  settings.settings.trusted_proxies.push_back(*net::AddressRange::parse("127.0.0.1"));
  restart();
  const auto attempt = [&](const std::string& from, const char* password) {
    return send("POST", "/session", kJson + ("X-Forwarded-For: 6.6.6.6, " + from) + "\r\n",
                json{{"user", "admin"}, {"password", password}}.dump())
        .status;
  };
  for (int i = 0; i < 4; ++i) attempt("10.0.0.1", "wrong");
  EXPECT_EQ(attempt("10.0.0.1", kPassword), 429);
  EXPECT_EQ(attempt("10.0.0.2", kPassword), 200);
}

TEST_F(AccessApiTest, OnlyJsonSignsIn) {
  EXPECT_EQ(
      send("POST", "/session", "Content-Type: application/x-www-form-urlencoded\r\n", "user=admin").status,
      415);
  for (const char* body : {"", "[]", "1", "{", "{\"user\":{\"a\":{\"b\":{\"c\":{\"d\":1}}}}}"}) {
    EXPECT_EQ(send("POST", "/session", kJson, body).status, 400) << body;
  }
  EXPECT_EQ(send("POST", "/session", kJson, "{\"user\":\"" + std::string(17000, 'x') + "\"}").status, 413);
  EXPECT_EQ(send("POST", "/session", kJson, R"({"user":1,"password":[]})").status, 401);
}

TEST_F(AccessApiTest, TheFirstAdministratorIsMadeByTheCodeOfTheLog) {
  api_->credentials().remove_user("admin");
  EXPECT_EQ(send("GET", "/session").parsed()["setup_needed"], true);
  const auto set_up = [&](const std::string& code) {
    return send("POST", "/setup", kJson,
                json{{"code", code}, {"user", "anna"}, {"password", kPassword}}.dump());
  };
  EXPECT_EQ(set_up("wrong").status, 403);
  const Answer done = set_up(api_->access().setup_code());
  EXPECT_EQ(done.status, 200);
  EXPECT_THAT(done.head, HasSubstr("Set-Cookie: hostwatch="));
  EXPECT_EQ(done.parsed()["user"]["name"], "anna");
  EXPECT_EQ(set_up(api_->access().setup_code()).status, 409);
}

TEST_F(AccessApiTest, ATokenIsShownOnceAndListedWithoutItsSecret) {
  const std::string administrator = signed_in();
  const Answer made = send("POST", "/tokens", administrator + kJson,
                           json{{"name", "scraper"}, {"scope", "read"}, {"expires_in", 3600}}.dump());
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string secret = made.parsed()["token"];
  EXPECT_THAT(secret, testing::StartsWith("hw_"));
  EXPECT_EQ(send("GET", "/hosts", "Authorization: Bearer " + secret + "\r\n").status, 200);
  const Answer list = send("GET", "/tokens", administrator);
  EXPECT_THAT(list.body, Not(HasSubstr(secret)));
  const json one = list.parsed()["tokens"].back();
  EXPECT_EQ(one["name"], "scraper");
  EXPECT_EQ(one["scope"], "read");
  EXPECT_EQ(one["expires"], kNow + 3600);
  EXPECT_EQ(one["last_used"], kNow);
  EXPECT_TRUE(one["host"].is_null());
  EXPECT_EQ(one["made_by"], "user admin");
  EXPECT_EQ(send("DELETE", "/tokens/" + one["id"].dump(), administrator).status, 200);
  EXPECT_EQ(send("GET", "/hosts", "Authorization: Bearer " + secret + "\r\n").status, 401);
  EXPECT_EQ(send("DELETE", "/tokens/" + one["id"].dump(), administrator).status, 404);
  EXPECT_EQ(send("DELETE", "/tokens/x", administrator).status, 404);
}

TEST_F(AccessApiTest, WhatATokenIsToBeIsChecked) {
  const std::string administrator = signed_in();
  for (const json& body :
       {json{{"scope", "read"}}, json{{"name", "a"}}, json{{"name", "a"}, {"scope", "root"}},
        json{{"name", "a"}, {"scope", "agent"}}, json{{"name", "a"}, {"scope", "read"}, {"host", "web-1"}},
        json{{"name", "a"}, {"scope", "write"}, {"host", ""}},
        json{{"name", "a"}, {"scope", "write"}, {"host", 5}},
        json{{"name", "a"}, {"scope", "write"}, {"host", json::array({"web-1"})}},
        json{{"name", "a"}, {"scope", "write"}, {"host", json::object()}},
        json{{"name", "a"}, {"scope", "enroll"}, {"uses", json::array({1})}},
        json{{"name", "a"}, {"scope", "read"}, {"expires_in", json::array({60})}},
        json{{"name", "a"}, {"scope", "read"}, {"expires_in", 0}},
        json{{"name", "a"}, {"scope", "read"}, {"expires_in", "soon"}},
        json{{"name", "a"}, {"scope", "read"}, {"uses", 1}}, json{{"name", " a"}, {"scope", "read"}},
        json{{"name", "a"}, {"scope", "write"}, {"host", "\n"}}}) {
    const Answer answer = send("POST", "/tokens", administrator + kJson, body.dump());
    EXPECT_EQ(answer.status, 400) << body;
  }
}

TEST_F(AccessApiTest, AnAgentEnrolsAndWritesAsItsHostAlone) {
  const std::string enrollment = bearer(Scope::enroll);
  const Answer enrolled =
      send("POST", "/enroll", enrollment + kJson + kIdentity, json{{"hostname", "web-1"}}.dump());
  ASSERT_EQ(enrolled.status, 200) << enrolled.body;
  EXPECT_EQ(enrolled.parsed()["hostname"], "web-1");
  const std::string own =
      "Authorization: Bearer " + enrolled.parsed()["token"].get<std::string>() + "\r\n" + kJson;
  EXPECT_EQ(send("POST", "/metrics", own, reading("web-1", kNow)).status, 200);
  const Answer other = send("POST", "/metrics", own, reading("web-2", kNow));
  EXPECT_EQ(other.status, 403) << "an agent keeps what is answered so";
  EXPECT_THAT(other.body, HasSubstr("token"));
  const Answer both =
      send("POST", "/metrics", own, "[" + reading("web-1", kNow + 1) + "," + reading("web-2", kNow) + "]");
  EXPECT_EQ(both.status, 200);
  EXPECT_EQ(both.parsed()["accepted"], 1);
  EXPECT_EQ(both.parsed()["rejected"][0]["index"], 1);
  EXPECT_EQ(send("POST", "/metrics", own, "[]").status, 200);
  EXPECT_EQ(send("POST", "/metrics", own, "nonsense").status, 400);
  EXPECT_EQ(send("GET", "/data", own).status, 403);
  EXPECT_EQ(store_->host_names(), std::vector<std::string>{"web-1"});
}

TEST_F(AccessApiTest, EnrolmentNeedsAnIdentityAndAName) {
  const std::string enrollment = bearer(Scope::enroll) + kJson;
  EXPECT_EQ(send("POST", "/enroll", enrollment, json{{"hostname", "a"}}.dump()).status, 400);
  EXPECT_EQ(send("POST", "/enroll", enrollment + kIdentity, "{}").status, 400);
  EXPECT_EQ(send("POST", "/enroll", enrollment + kIdentity, json{{"hostname", "a\nb"}}.dump()).status, 400);
}

TEST_F(AccessApiTest, AProxysUserHeaderCountsFromTheNamedAddressAlone) {
  settings.settings.proxy_user_header = "X-Remote-User";
  restart();
  EXPECT_EQ(send("GET", "/hosts", "X-Remote-User: admin\r\n").status, 401);
  settings.settings.trusted_proxies.push_back(*net::AddressRange::parse("127.0.0.0/8"));
  restart();
  EXPECT_EQ(send("GET", "/hosts", "X-Remote-User: maria\r\n").status, 200);
  EXPECT_EQ(send("GET", "/tokens", "X-Remote-User: maria\r\n").status, 403);
  EXPECT_EQ(send("GET", "/tokens", "X-Remote-User: admin\r\n").status, 200);
  EXPECT_EQ(send("DELETE", "/hosts/x", "X-Remote-User: admin\r\n").status, 403) << "without the page's token";
  const std::string csrf = send("GET", "/session", "X-Remote-User: admin\r\n").parsed()["csrf"];
  EXPECT_EQ(send("DELETE", "/hosts/x", "X-Remote-User: admin\r\nX-CSRF-Token: " + csrf + "\r\n").status, 404);
  EXPECT_EQ(send("GET", "/hosts").status, 401) << "the proxy itself is nobody";
}

TEST_F(AccessApiTest, GuestsMayLookWhereTheOperatorLikes) {
  settings.settings.guest = true;
  restart();
  EXPECT_EQ(send("GET", "/hosts").status, 200);
  EXPECT_EQ(send("GET", "/session").parsed()["can_read"], true);
  EXPECT_EQ(send("DELETE", "/hosts/x").status, 401);
  EXPECT_EQ(send("POST", "/metrics", kJson, reading("a", kNow)).status, 401);
}

TEST_F(AccessApiTest, HealthTellsStrangersThatItIsWellAndNothingElse) {
  EXPECT_EQ(send("GET", "/health").body, "{\"status\":\"ok\"}");
  EXPECT_TRUE(send("GET", "/health", bearer(Scope::read)).parsed().contains("database"));
}

TEST_F(AccessApiTest, OnLoopbackAnotherNameThanOursIsRefused) {  // DNS rebinding
  settings.settings.mode = auth::AccessMode::open;
  restart();
  const auto status = [&](const std::string& host) {
    RawClient client(api_->port());
    client.send("GET /hosts HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return std::stoi(client.rest().substr(9, 3));
  };
  for (const char* host : {"localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "192.168.1.2",
                           "LOCALHOST.", "a.localhost"}) {
    EXPECT_EQ(status(host), 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:5000", "localhost.evil.example",
                           "127.0.0.1.evil.example", "127.0.0.1/8", "[evil.example]"}) {
    EXPECT_EQ(status(host), 403) << host;
  }
  settings.settings.allowed_hosts = {"Monitor.example"};
  restart();
  EXPECT_EQ(status("monitor.example:8443"), 200);
}

TEST_F(AccessApiTest, OnLoopbackAnotherSitesPageChangesNothing) {
  settings.settings.mode = auth::AccessMode::insecure;
  restart();
  const auto clean = [&](const std::string& headers) {
    return send("POST", "/hosts/x/clean", headers).status;
  };
  EXPECT_EQ(clean(""), 404) << "curl";
  EXPECT_EQ(clean("Origin: http://a\r\n"), 404) << "our own page";
  EXPECT_EQ(clean("Origin: http://evil.example\r\n"), 403);
  EXPECT_EQ(clean("Origin: null\r\n"), 403);
  EXPECT_EQ(clean("Origin: http://a:8080\r\n"), 403) << "another port is another program";
  EXPECT_EQ(clean("Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(clean("Sec-Fetch-Site: same-site\r\n"), 403);
  EXPECT_EQ(clean("Sec-Fetch-Site: same-origin\r\nOrigin: http://proxy.example\r\n"), 404);
}

}  // namespace
}  // namespace hostwatch::api::test::access_api_test
