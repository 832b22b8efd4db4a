#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/integration/programs.h"

namespace hostwatch::testing {

/// A server whose alarms may go to this machine.
inline std::unique_ptr<Server> alerting_server(const std::string& database, int port = 0,
                                               std::vector<std::string> in_front = {}) {
  return std::make_unique<Server>(database, port, std::vector<std::string>{"--alert-allow", "127.0.0.0/8"},
                                  std::move(in_front));
}

inline void put(const Server& server, const std::string& path, const nlohmann::json& body) {
  const auto result = server.client().Put(path, body.dump(), "application/json");
  ASSERT_TRUE(result) << path;
  ASSERT_THAT(result->status, ::testing::AnyOf(200, 201)) << path << ": " << result->body;
}

inline void put_webhook(const Server& server, const std::string& name, const std::string& url,
                        bool is_default = false) {
  put(server, "/alerts/channels/" + name,
      {{"kind", "webhook"}, {"default", is_default}, {"enabled", true}, {"settings", {{"url", url}}}});
}

/// Critical above 90, over at 80.
inline nlohmann::json rule_on(const std::string& metric, const std::string& host, const nlohmann::json& hold,
                              const nlohmann::json& clear_hold, const std::vector<std::string>& channels) {
  return {{"hosts", {{"names", {host}}}},
          {"when", {{{"metric", metric}, {"above", {{"critical", {{"fire", 90}, {"clear", 80}}}}}}}},
          {"for", hold},
          {"clear_for", clear_hold},
          {"notify", channels}};
}

/// The second after the next tick, in which channels that are new are looked at.
inline void wait_for_a_tick() {
  std::this_thread::sleep_for(std::chrono::milliseconds(2200));
}

inline nlohmann::json alarms_of(const Server& server, const std::string& host,
                                const std::string& state = "all") {
  return server.get("/alerts?limit=1000&state=" + state + "&host=" + host).at("alarms");
}

}  // namespace hostwatch::testing
