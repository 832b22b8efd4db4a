#include "util/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace hostwatch::util {

void start_log(const std::string& program, const std::string& level,
               const std::vector<std::string>& notices) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt(program));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  spdlog::set_level(spdlog::level::from_str(level));
  for (const std::string& notice : notices) spdlog::warn("{}", notice);
}

}  // namespace hostwatch::util
