// Who changes something of alarms is written down; who may is in access_routes_test.cpp.
#include <gmock/gmock.h>

#include "tests/unit/server/api/access_fixture.h"

namespace hostwatch::api::test {
namespace {

class AlertsAccess : public AccessTest {
 protected:
  static json silence() { return {{"until", kNow + 60}, {"reason", "test"}}; }
  static json rule() {
    return {{"for", 0}, {"when", {{{"metric", "cpu"}, {"above", {{"warning", {{"fire", 90}}}}}}}}};
  }
};

TEST_F(AlertsAccess, APersonIsNamed) {
  const std::string anna = signed_in() + kJson;
  EXPECT_EQ(send("POST", "/alerts/silences", anna, silence().dump()).parsed()["author"], "admin");
  EXPECT_EQ(send("PUT", "/alerts/rules/busy", anna, rule().dump()).parsed()["changed_by"], "admin");
}

TEST_F(AlertsAccess, ATokenIsNamedByItsNumber) {
  const std::string headers = bearer(auth::Scope::admin) + kJson;
  const std::string name = "token " + std::to_string(last_token_);
  EXPECT_EQ(send("POST", "/alerts/silences", headers, silence().dump()).parsed()["author"], name);
}

TEST_F(AlertsAccess, WhoAcknowledgesIsShown) {
  const std::string anna = signed_in() + kJson;
  ASSERT_EQ(send("PUT", "/alerts/rules/busy", anna, rule().dump()).status, 201);
  ASSERT_EQ(send("POST", "/metrics", bearer(auth::Scope::write) + kJson, reading("web-1", kNow, 95)).status,
            200);
  ASSERT_EQ(send("PUT", "/alerts/routes", anna, "[]").status, 200) << "so that the alarm is told at once";
  const json alarms = send("GET", "/alerts", bearer(auth::Scope::read)).parsed()["alarms"];
  ASSERT_EQ(alarms.size(), 1U);
  const std::string address = "/alerts/" + std::to_string(alarms[0]["id"].get<int>()) + "/acknowledge";
  const Answer answer = send("POST", address, anna, R"({"note": "mine"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed()["acknowledged"]["by"], "admin");
}

}  // namespace
}  // namespace hostwatch::api::test
