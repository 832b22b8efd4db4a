#include "agent/leave.h"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>

namespace hostwatch::agent {

void leave(int status) {
  spdlog::default_logger()->flush();
  std::fflush(stdout);
  std::_Exit(status);
}

}  // namespace hostwatch::agent
