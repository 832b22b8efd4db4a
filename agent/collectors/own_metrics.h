#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "agent/collectors/collector.h"

namespace hostwatch::agent {

/// What the agent has to say of itself: how much waits for delivery, and what was lost since its start.
struct OwnFigures {
  std::uint64_t waiting = 0;
  std::uint64_t dropped = 0;
  std::uint64_t refused = 0;
  std::uint64_t damaged = 0;
};

/// The agent as one more source of values.
class OwnCollector final : public Collector {
 public:
  explicit OwnCollector(std::function<OwnFigures()> figures) : figures_(std::move(figures)) {}
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  std::function<OwnFigures()> figures_;
};

}  // namespace hostwatch::agent
