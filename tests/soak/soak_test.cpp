// For HOSTWATCH_SOAK_SECONDS everything fails that can, at random; then it heals, and the ledgers must close:
// nothing acknowledged is lost, nothing sampled is lost, nothing is stored twice.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <random>

#include "tests/integration/ledger.h"
#include "tests/soak/world.h"

namespace hostwatch::testing {
namespace {

TEST(Soak, LosesNothingAndStoresNothingTwiceWhateverFails) {
  const int given = number_from_environment("HOSTWATCH_SOAK_SEED", 0);
  const unsigned seed = given > 0 ? static_cast<unsigned>(given) : std::random_device()() >> 1U;
  const int time = number_from_environment("HOSTWATCH_SOAK_SECONDS", 60);
  std::cout << "soak: " << time << " s, seed " << seed << std::endl;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  World world(random, 64 + time / 4);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(time);
  std::size_t steps = 0;
  for (; std::chrono::steady_clock::now() < end; ++steps) world.next_fault();
  world.heal();
  EXPECT_TRUE(world.close_ledgers());
  std::cout << steps << " steps; faults, and requests that met one:\n";
  world.print_faults();
}

}  // namespace
}  // namespace hostwatch::testing
