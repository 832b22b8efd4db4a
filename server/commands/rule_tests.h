#pragma once

#include <string>

namespace hostwatch::server {

/// Runs the tests of a file (docs/alerts.md, "Testing rules"), each on an empty database of its own; prints a
/// line a test, and what is not as expected. The exit status: 0 if all pass. Throws StoreError.
int test_rules(const std::string& file);

}  // namespace hostwatch::server
