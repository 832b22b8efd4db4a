#include "server/http/pending_requests.h"

#include <gtest/gtest.h>

#include <thread>

namespace hostwatch::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(PendingRequests, NobodyWaitsWhereThereAreNone) {
  PendingRequests pending;
  const auto began = steady_clock::now();
  pending.wait_for_none(std::chrono::hours(1));
  pending.add();
  pending.finish();
  pending.wait_for_none(std::chrono::hours(1));
  EXPECT_LT(steady_clock::now() - began, std::chrono::minutes(1));
}

TEST(PendingRequests, WhoWaitsGoesOnWithTheLastAnswer) {
  PendingRequests pending;
  pending.add();
  pending.add();
  const auto began = steady_clock::now();
  std::jthread other([&] {
    pending.finish();
    pending.finish();
  });
  pending.wait_for_none(std::chrono::hours(1));
  EXPECT_LT(steady_clock::now() - began, std::chrono::minutes(1));
}

TEST(PendingRequests, PatienceEnds) {
  PendingRequests pending;
  pending.add();
  const auto began = steady_clock::now();
  pending.wait_for_none(milliseconds(20));
  EXPECT_GE(steady_clock::now() - began, milliseconds(20));
  pending.finish();
}

}  // namespace
}  // namespace hostwatch::http
