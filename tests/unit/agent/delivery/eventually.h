#pragma once

#include <chrono>
#include <thread>

namespace hostwatch::agent::test {

/// Waits until `condition()` holds; false if it does not within far longer than it should take.
template <typename Condition>
bool eventually(Condition condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace hostwatch::agent::test
