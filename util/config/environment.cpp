#include "util/config/environment.h"

#include <cstdlib>

#include "util/text/text.h"

namespace hostwatch::util {

std::optional<std::string> environment_value(const std::string& name, std::vector<std::string>& notices) {
  const char* set = std::getenv(name.c_str());
  if (set == nullptr) return std::nullopt;
  std::string value = set;
  while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
  if (value.empty()) {
    ::unsetenv(name.c_str());
    return std::nullopt;
  }
  if (name.ends_with("_PORT") && value.find("://") != std::string::npos) {
    constexpr std::size_t kShown = 100;
    notices.push_back(name + " is passed over: '" + make_printable(without_url_secrets(value), kShown) +
                      "' is the address of a Kubernetes service and no port (enableServiceLinks: false keeps "
                      "such variables out of the pod)");
    ::unsetenv(name.c_str());
    return std::nullopt;
  }
  return value;
}

}  // namespace hostwatch::util
