#include "agent/collectors/fallback_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hostwatch::agent {

void FallbackLog::note(Time now, std::string_view why) {
  const auto known = std::find_if(met_.begin(), met_.end(), [&](const Met& met) { return met.why == why; });
  const bool is_new = known == met_.end() || now - known->last >= kForgottenAfter;
  if (known == met_.end()) {
    met_.push_back({std::string(why), now});
  } else {
    known->last = now;
  }
  if (is_new) spdlog::warn("{}: {}", value_, why);
}

}  // namespace hostwatch::agent
