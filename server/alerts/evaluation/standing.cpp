#include "server/alerts/evaluation/standing.h"

namespace hostwatch::alerts {

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::pending:
      return "pending";
    case Phase::firing:
      return "firing";
    case Phase::clearing:
      return "clearing";
  }
  return "";
}

std::optional<Phase> phase_named(std::string_view name) {
  for (const Phase phase : {Phase::pending, Phase::firing, Phase::clearing}) {
    if (to_string(phase) == name) return phase;
  }
  return std::nullopt;
}

}  // namespace hostwatch::alerts
