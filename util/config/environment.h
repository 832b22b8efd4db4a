#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hostwatch::util {

/// The value of an environment variable that stands for an option; none if it is not set, is empty, or is not
/// meant for us. Line ends behind it, which files of variables and secrets bring along, are no part of it.
/// Where there is none the variable is unset, as CLI11 looks there by itself where no value is given. To be
/// called before any thread starts.
///
/// Kubernetes tells each pod of the services of its namespace: one named "monitor" sets
/// MONITOR_PORT=tcp://10.96.13.37:5000. A name that ends in _PORT whose value holds "://" is passed over, and
/// a line about it for the log is added to `notices`.
std::optional<std::string> environment_value(const std::string& name, std::vector<std::string>& notices);

}  // namespace hostwatch::util
