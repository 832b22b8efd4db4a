#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {

/// An API with a rule that fires at once: a disk is full above 90 percent (until below 87), critical
/// above 97.
class AlertsTest : public ApiTest {
 protected:
  static constexpr const char* kJsonType = "Content-Type: application/json\r\n";

  void SetUp() override {
    ApiTest::SetUp();
    api_.reset();
    api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, small_intake(), access_);
    ASSERT_EQ(put("/alerts/rules/disk", disk_rule()).status, 201);
  }

  /// The whole server begins anew over the same files; `between` runs while there is none.
  template <typename Work>
  void restart(const Work& between) {
    const std::int64_t now = api_->now;
    api_.reset();
    between();
    api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, small_intake(), access_);
    api_->now = now;
    publish();
  }
  void restart() {
    restart([] {});
  }

  static json disk_rule() {
    return json::parse(R"({"id": "disk", "name": "Disk of {host} almost full", "help": "Look at {instance}",
      "runbook": "https://wiki.example/disk", "for": 0, "clear_for": 0,
      "when": [{"metric": "filesystem_used_percent",
                "above": {"warning": {"fire": 90, "clear": 87}, "critical": {"fire": 97, "clear": 95}}}]})");
  }

  /// A reading of the host's disk "/", a second after the last one.
  void disk(const std::string& host, double used, const json& tags = json::object()) {
    const std::int64_t now = ++api_->now;
    const json reading{{"hostname", host},
                       {"timestamp", now},
                       {"cpu", 1},
                       {"ram", 2},
                       {"disk", 3},
                       {"metrics", {{"filesystem_used_percent", {{"/", used}}}}},
                       {"facts", {{"tags", tags}}}};
    ASSERT_EQ(post(reading.dump()).parsed()["accepted"], 1);
    publish();
  }

  /// What the engine knows is told from now on, without waiting for its next second: any change sees to that.
  void publish() { ASSERT_EQ(put("/alerts/routes", json::array()).status, 200); }

  Answer put(const std::string& target, const json& body, const std::string& headers = "") const {
    return ask(api_->port(), "PUT", target, kJsonType + headers, body.dump());
  }
  Answer post_json(const std::string& target, const json& body, const std::string& headers = "") const {
    return ask(api_->port(), "POST", target, kJsonType + headers, body.dump());
  }
  Answer remove(const std::string& target) const { return ask(api_->port(), "DELETE", target); }
  json got(const std::string& target) const {
    const Answer answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << answer.body;
    return answer.parsed();
  }
  /// "critical web-1 /", as they are listed.
  std::vector<std::string> alarms(const std::string& query = "") const {
    std::vector<std::string> texts;
    const json answer = got("/alerts?" + query);
    for (const json& one : answer["alarms"]) {
      texts.push_back(one["severity"].get<std::string>() + " " + one["host"].get<std::string>() + " " +
                      one["state"].get<std::string>());
    }
    return texts;
  }
  std::string id_of_first() const { return std::to_string(got("/alerts")["alarms"][0]["id"].get<int>()); }

  AccessForTests access_;
};

}  // namespace hostwatch::api::test
