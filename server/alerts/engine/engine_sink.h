#pragma once

#include "server/alerts/engine/alert_engine.h"

namespace hostwatch::alerts {

/// Hands transitions of one evaluator to the engine.
class AlertEngine::Sink : public TransitionSink {
 public:
  enum class Kind : std::uint8_t { series, signals };

  Sink(AlertEngine& engine, WatchedHost* host, Kind kind, bool is_late)
      : engine_(engine), host_(host), is_signal_(kind == Kind::signals), is_late_(is_late) {}

  void note(const Transition& transition) override { engine_.note(transition, host_, is_signal_, is_late_); }

 private:
  AlertEngine& engine_;
  WatchedHost* host_;
  bool is_signal_;
  bool is_late_;
};

}  // namespace hostwatch::alerts
