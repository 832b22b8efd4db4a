#include "agent/collectors/own_metrics.h"

namespace hostwatch::agent {

void OwnCollector::collect(std::chrono::steady_clock::time_point /*now*/, Collected& into) {
  const OwnFigures figures = figures_();
  into.add("agent_waiting_readings", {}, static_cast<double>(figures.waiting));
  into.add("agent_dropped_readings", {}, static_cast<double>(figures.dropped));
  into.add("agent_refused_readings", {}, static_cast<double>(figures.refused));
  into.add("agent_damaged_records", {}, static_cast<double>(figures.damaged));
}

}  // namespace hostwatch::agent
