#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/server/storage/store_under_test.h"

namespace hostwatch::storage {

/// How a kind of store is made for the conformance suite, and the stage at which it is held against it.
struct StoreFactory {
  std::string name;  ///< letters and digits: a part of the tests' names
  std::function<std::unique_ptr<StoreUnderTest>()> make;
  /// Brings what has been appended to the stage; may be called several times.
  std::function<void(StoreUnderTest&)> reach_stage = [](StoreUnderTest&) {};
};

inline void restart(StoreUnderTest& one) {
  one.reopen();
}
inline void maintain(StoreUnderTest& one) {
  one.maintain();
}
inline void maintain_and_restart(StoreUnderTest& one) {
  one.maintain();
  one.reopen();
}

/// The stages that every store has: the same promises hold before and after its maintenance and a restart.
inline std::vector<StoreFactory> at_every_stage(const StoreFactory& kind) {
  return {{kind.name + "Fresh", kind.make},
          {kind.name + "Maintained", kind.make, maintain},
          {kind.name + "Restarted", kind.make, restart},
          {kind.name + "MaintainedAndRestarted", kind.make, maintain_and_restart}};
}

inline std::string name_of_factory(const ::testing::TestParamInfo<StoreFactory>& factory) {
  return factory.param.name;
}

/// What every Store promises (store_conformance_test.cpp). A second kind of store is one more factory there.
class StoreConformance : public ::testing::TestWithParam<StoreFactory> {
 protected:
  static constexpr std::int64_t kNow = StoreUnderTest::kNow;

  StoreConformance() : fixture_(GetParam().make()) {}

  void reach_stage() { GetParam().reach_stage(*fixture_); }
  Store& store() { return fixture_->store(); }
  StoreUnderTest& fixture() { return *fixture_; }
  static protocol::Reading reading(const std::string& host, std::int64_t timestamp, double cpu = 12.5,
                                   std::vector<protocol::Sample> samples = {}) {
    return StoreUnderTest::reading(host, timestamp, cpu, std::move(samples));
  }

 private:
  std::unique_ptr<StoreUnderTest> fixture_;
};

}  // namespace hostwatch::storage
