// What /health tells of the database.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/api/health_json.h"

namespace hostwatch::api {
namespace {

TEST(DatabaseJson, TellsSizeReachAndGrowth) {
  storage::StoreStatistics statistics;
  statistics.database_bytes = 3'000'000'000;
  statistics.used_bytes = 2'900'000'000;
  statistics.limit_bytes = 20'000'000'000;
  statistics.bytes_per_day = 14'000'000.4;
  statistics.oldest = 1'700'000'000;
  statistics.oldest_reading = 1'763'000'000;
  statistics.damaged_chunks = 2;
  statistics.damaged_hosts = 1;
  statistics.series = 160'000;
  statistics.series_limit = 200'000;
  EXPECT_EQ(nlohmann::json::parse(database_json(statistics)),
            (nlohmann::json{{"bytes", 3'000'000'000},
                            {"used_bytes", 2'900'000'000},
                            {"limit_bytes", 20'000'000'000},
                            {"bytes_per_day", 14'000'000},
                            {"oldest", 1'700'000'000},
                            {"oldest_reading", 1'763'000'000},
                            {"damaged_chunks", 2},
                            {"damaged_hosts", 1},
                            {"series", 160'000},
                            {"series_limit", 200'000}}));
}

TEST(DatabaseJson, WhatIsNotKnownIsNull) {
  const auto json = nlohmann::json::parse(database_json({}));
  for (const char* name : {"limit_bytes", "bytes_per_day", "oldest", "oldest_reading", "series_limit"}) {
    EXPECT_TRUE(json[name].is_null()) << name;
  }
}

}  // namespace
}  // namespace hostwatch::api
