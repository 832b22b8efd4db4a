#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hostwatch::server {

/// For an option that must have a value where it is given: what `"$VARIABLE"` of a script without that
/// variable gives must not mean "none", or "no limit".
inline CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? std::string("must not be empty") : ""; }, ""};
}

}  // namespace hostwatch::server
