#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/query/fleet.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::query {

class FleetTest : public ::testing::Test {
 protected:
  static constexpr std::int64_t kStart = 1763884800;  ///< a multiple of every round step up to a day

  /// A reading of a host that reports at this interval.
  void add(const std::string& host, std::int64_t after, double cpu,
           std::vector<protocol::Sample> samples = {}, std::int64_t interval = 10,
           const protocol::Tags& tags = {}) {
    protocol::Reading reading = storage::StoreFixture::reading(host, kStart + after, cpu, std::move(samples));
    reading.facts.emplace().interval_seconds = interval;
    reading.facts->tags = tags;
    fixture_.append({reading});
  }
  static FleetRequest request(std::int64_t step, const std::string& metric = "cpu") {
    FleetRequest result;
    result.from = kStart;
    result.to = kStart + 599;
    result.step = step;
    result.metric = metric;
    return result;
  }
  Fleet read(const FleetRequest& asked, const HistoryLimits& limits = {}) {
    return read_fleet(fixture_.store(), asked, limits);
  }
  storage::StoreFixture fixture_;
};

}  // namespace hostwatch::query
