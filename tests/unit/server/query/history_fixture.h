#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/query/history.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::query {

inline constexpr std::int64_t kStart = 1763884800;  // a multiple of every round step up to a day

inline HistoryRequest request(std::int64_t from, std::int64_t to) {
  HistoryRequest result;
  result.from = from;
  result.to = to;
  result.metrics = {"cpu", "ram", "disk"};
  return result;
}

inline HistoryRequest everything(std::int64_t from, std::int64_t to, std::int64_t step) {
  HistoryRequest asked = request(from, to);
  asked.all_metrics = true;
  asked.step = step;
  return asked;
}

class HistoryTest : public ::testing::Test {
 protected:
  History read(HistoryRequest asked, HistoryLimits limits = {}) {
    return read_history(fixture_.store(), std::move(asked), limits);
  }
  /// As many readings of a host as seconds from kStart on, with so many series of its own.
  void append_each_second(int seconds, int series) {
    std::vector<protocol::Reading> readings;
    readings.reserve(static_cast<std::size_t>(seconds));
    for (int i = 0; i < seconds; ++i)
      readings.push_back(storage::StoreFixture::reading("a", kStart + i, 1, storage::named("", series)));
    fixture_.append(readings);
  }
  storage::StoreFixture fixture_;
};

}  // namespace hostwatch::query
