// Every address without, with a wrong, an expired, a revoked and a too weak credential: by a table that has
// to name every address that the server answers.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "tests/unit/server/api/access_fixture.h"

namespace hostwatch::api::test {
namespace {

using auth::Scope;

/// Who may. A new address fails the first test below until it is here.
struct Row {
  std::string method;
  std::string pattern;
  std::string sample;              ///< an address of that pattern
  bool open = false;               ///< to all
  std::set<std::string> may = {};  ///< kinds of callers, see callers()
};

const std::set<std::string> kReaders{"read", "admin", "viewer", "administrator"};
const std::set<std::string> kManagers{"admin", "administrator"};
const std::set<std::string> kPeople{"viewer", "administrator"};

const std::vector<Row>& table() {
  static const std::vector<Row> rows{
      {"GET", "/", "/", true},
      {"GET", "/dashboard", "/dashboard", true},
      {"GET", "/assets/{file}", "/assets/favicon.svg", true},
      {"GET", "/health", "/health", true},
      {"GET", "/session", "/session", true},
      {"POST", "/session", "/session", true},
      {"POST", "/setup", "/setup", true},
      {"GET", "/catalogue", "/catalogue", false, kReaders},
      {"GET", "/hosts", "/hosts", false, kReaders},
      {"GET", "/data", "/data", false, kReaders},
      {"GET", "/fleet", "/fleet?metric=cpu", false, kReaders},
      {"GET", "/metrics", "/metrics", false, kReaders},
      {"POST", "/alerts/preview", "/alerts/preview", false, kReaders},
      {"POST", "/metrics", "/metrics", false, {"agent", "write", "admin", "administrator"}},
      {"POST", "/enroll", "/enroll", false, {"enroll"}},
      {"DELETE", "/session", "/session", false, kPeople},
      {"POST", "/password", "/password", false, kPeople},
      {"DELETE", "/hosts", "/hosts?hostname=web-2", false, kManagers},
      {"DELETE", "/hosts/{name}", "/hosts/web-2", false, kManagers},
      {"POST", "/hosts/{name}/clean", "/hosts/web-2/clean", false, kManagers},
      {"POST", "/hosts/{name}/allow", "/hosts/web-2/allow", false, kManagers},
      {"DELETE", "/hosts/{name}/allow", "/hosts/web-2/allow", false, kManagers},
      {"GET", "/tokens", "/tokens", false, kManagers},
      {"POST", "/tokens", "/tokens", false, kManagers},
      {"DELETE", "/tokens/{id}", "/tokens/999999", false, kManagers},
      {"GET", "/refusals", "/refusals", false, kManagers},
      {"GET", "/alerts", "/alerts", false, kReaders},
      {"GET", "/alerts/pending", "/alerts/pending", false, kReaders},
      {"GET", "/alerts/{id}", "/alerts/999999", false, kReaders},
      {"POST", "/alerts/{id}/acknowledge", "/alerts/999999/acknowledge", false, kManagers},
      {"DELETE", "/alerts/{id}/acknowledge", "/alerts/999999/acknowledge", false, kManagers},
      {"GET", "/alerts/silences", "/alerts/silences", false, kReaders},
      {"POST", "/alerts/silences", "/alerts/silences", false, kManagers},
      {"DELETE", "/alerts/silences/{id}", "/alerts/silences/999999", false, kManagers},
      {"GET", "/alerts/rules", "/alerts/rules", false, kReaders},
      {"PUT", "/alerts/rules/{id}", "/alerts/rules/none", false, kManagers},
      {"DELETE", "/alerts/rules/{id}", "/alerts/rules/none", false, kManagers},
      {"POST", "/alerts/preview", "/alerts/preview", false, kReaders},
      {"GET", "/alerts/channels", "/alerts/channels", false, kManagers},
      {"PUT", "/alerts/channels/{name}", "/alerts/channels/none", false, kManagers},
      {"DELETE", "/alerts/channels/{name}", "/alerts/channels/none", false, kManagers},
      {"POST", "/alerts/channels/{name}/test", "/alerts/channels/none/test", false, kManagers},
      {"GET", "/alerts/routes", "/alerts/routes", false, kManagers},
      {"PUT", "/alerts/routes", "/alerts/routes", false, kManagers},
      {"GET", "/alerts/deliveries", "/alerts/deliveries", false, kManagers},
      {"POST", "/alerts/deliveries/{id}/retry", "/alerts/deliveries/none/retry", false, kManagers},
  };
  return rows;
}

class AccessRoutes : public AccessTest {
 protected:
  int status(const Row& row, const std::string& headers) const {
    const bool has_body = row.method == "POST" || row.method == "PUT";
    return send(row.method, row.sample, headers + (has_body ? kJson : ""), has_body ? "{}" : "").status;
  }

  /// The headers of each kind of caller.
  std::map<std::string, std::string> callers() {
    if (!api_->credentials().find_user("otto", kNow)) {
      auth::User viewer;
      viewer.name = "otto";
      viewer.password_hash = auth::hash_password(kPassword, settings.settings.password_cost);
      api_->credentials().add_user(viewer);
    }
    return {{"agent", bearer(Scope::agent, "web-1")},
            {"write", bearer(Scope::write)},
            {"read", bearer(Scope::read)},
            {"admin", bearer(Scope::admin)},
            {"enroll", bearer(Scope::enroll)},
            {"viewer", signed_in("otto")},
            {"administrator", signed_in()}};
  }
};

TEST_F(AccessRoutes, TheTableNamesEveryAddressAndMethod) {
  std::set<std::string> tested;
  for (const Row& row : table()) tested.insert(row.method + " " + row.pattern);
  std::set<std::string> answered;
  for (const RouteInfo& route : api_->routes()) answered.insert(route.method + " " + route.pattern);
  EXPECT_EQ(tested, answered);
}

TEST_F(AccessRoutes, WithoutACredentialOnlyWhatIsOpenAnswers) {
  for (const Row& row : table()) {
    SCOPED_TRACE(row.method + " " + row.pattern);
    const int got = status(row, "");
    if (row.open) {
      EXPECT_NE(got, 403);
    } else {
      EXPECT_EQ(got, 401);
    }
  }
}

TEST_F(AccessRoutes, AWrongExpiredOrRevokedCredentialIsNone) {
  const std::string expired = bearer(Scope::admin, "", kNow - 1);
  const std::string revoked = bearer(Scope::admin);
  api_->credentials().revoke_token(last_token_, "test", kNow);
  const std::string signed_out = signed_in();
  EXPECT_EQ(send("DELETE", "/session", signed_out).status, 200);
  for (const std::string& headers :
       {std::string("Authorization: Bearer hw_wrong\r\n"), std::string("Authorization: Bearer \r\n"),
        std::string("Authorization: Basic YWRtaW46YWRtaW4=\r\n"), std::string("Authorization: hw_wrong\r\n"),
        std::string("Cookie: hostwatch=wrong\r\n"), std::string("X-Remote-User: admin\r\n"), expired, revoked,
        signed_out}) {
    for (const Row& row : table()) {
      if (row.open) continue;
      EXPECT_EQ(status(row, headers), 401) << row.method << " " << row.pattern << " with " << headers;
    }
  }
}

TEST_F(AccessRoutes, EachCallerMayWhatTheTableSaysAndNothingElse) {
  for (const Row& row : table()) {
    if (row.open) continue;
    for (const auto& [kind, headers] : callers()) {
      SCOPED_TRACE(row.method + " " + row.pattern + " by " + kind);
      const int got = status(row, headers);
      if (row.may.contains(kind)) {
        EXPECT_TRUE(got != 401 && (got != 403 || row.pattern == "/password")) << got;
      } else {
        EXPECT_TRUE(got == 403 || (got == 401 && row.pattern == "/enroll")) << got;
      }
    }
  }
}

TEST_F(AccessRoutes, ASignedInPersonChangesNothingWithoutThePagesToken) {
  const std::string administrator = signed_in();
  for (const Row& row : table()) {
    if (row.open || row.method == "GET" || !row.may.contains("administrator")) continue;
    EXPECT_EQ(status(row, cookie_alone(administrator)), 403) << row.pattern;
    EXPECT_EQ(status(row, cookie_alone(administrator) + "X-CSRF-Token: wrong\r\n"), 403) << row.pattern;
  }
}

TEST_F(AccessRoutes, ChangesFromAnotherSitesPageAreRefusedWhoeverSendsThem) {
  const std::string administrator = signed_in();
  for (const Row& row : table()) {
    if (row.method == "GET") continue;
    EXPECT_EQ(status(row, administrator + "Sec-Fetch-Site: cross-site\r\n"), 403) << row.pattern;
  }
}

}  // namespace
}  // namespace hostwatch::api::test
