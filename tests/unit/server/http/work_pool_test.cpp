#include "server/http/work_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace hostwatch::http {
namespace {

/// Notes who had a turn, in order.
class Turns {
 public:
  void note(const std::string& who) {
    const std::lock_guard lock(mutex_);
    order_ += who;
  }
  std::string order() {
    const std::lock_guard lock(mutex_);
    return order_;
  }

 private:
  std::mutex mutex_;
  std::string order_;
};

TEST(WorkPool, ClientsTakeTurns) {
  Turns turns;
  std::latch go{1};
  {
    WorkPool pool({1, 100, 0, 0});
    std::latch busy{1};
    pool.submit([&] {
      busy.count_down();
      go.wait();
    });
    busy.wait();
    for (int i = 0; i < 3; ++i) pool.submit("a", [&] { turns.note("a"); });
    for (int i = 0; i < 2; ++i) pool.submit("b", [&] { turns.note("b"); });
    pool.submit("c", [&] { turns.note("c"); });
    go.count_down();
  }
  EXPECT_EQ(turns.order(), "abcaba");
}

TEST(WorkPool, OneClientTakesNeitherAllThreadsNorAllPlaces) {
  std::latch go{1};
  std::latch other_ran{1};
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  WorkPool pool({3, 100, 4, 2});
  const auto block = [&] {
    const int now = ++running;
    int before = most;
    while (now > before && !most.compare_exchange_weak(before, now)) {
    }
    go.wait();
    --running;
  };
  std::size_t taken = 0;
  for (int i = 0; i < 20; ++i) taken += pool.submit("greedy", block) ? 1 : 0;
  EXPECT_GE(taken, 4U);
  EXPECT_LE(taken, 6U) << "two at work, four waiting";
  EXPECT_TRUE(pool.submit("other", [&] { other_ran.count_down(); }));
  other_ran.wait();
  go.count_down();
  pool.stop();
  EXPECT_EQ(most, 2);
}

TEST(WorkPool, HoweverManyFillItOthersFindAPlace) {
  std::latch go{1};
  WorkPool pool({1, 128, 64, 1});
  const auto block = [&] { go.wait(); };
  for (int client = 0; client < 12; ++client) {
    std::size_t taken = 0;
    while (pool.submit("greedy " + std::to_string(client), block)) ++taken;
    EXPECT_GE(taken, client == 0 ? 64U : 1U);
    EXPECT_LE(taken, 65U) << "one at work";
  }
  for (int client = 0; client < 8; ++client) {
    EXPECT_TRUE(pool.submit("honest " + std::to_string(client), block)) << client;
  }
  go.count_down();
}

TEST(WorkPool, AJobThatThrowsCostsItselfAlone) {
  std::atomic<int> done{0};
  {
    WorkPool pool({1, 10, 0, 1});
    pool.submit("a", [] { throw std::bad_alloc(); });
    pool.submit("a", [] { throw std::runtime_error("wrong"); });
    pool.submit("a", [&] { ++done; });
  }
  EXPECT_EQ(done, 1);
}

TEST(WorkPool, WhatWaitsIsRunBeforeTheEnd) {
  std::atomic<int> done{0};
  {
    WorkPool pool({2, 100, 0, 1});
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(pool.submit(std::to_string(i % 3), [&] { ++done; }));
    pool.stop();
    EXPECT_FALSE(pool.submit("late", [&] { ++done; }));
  }
  EXPECT_EQ(done, 50);
}

}  // namespace
}  // namespace hostwatch::http
