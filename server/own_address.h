#pragma once

#include <string>

#include "server/options/options.h"

namespace hostwatch::server {

/// What the server listens on: "https://[::]:5000". `port`: the one in use.
std::string listening_address(const Options& options, int port);

/// Where a person can open the page, which is not wherever the server listens: --public-url, else
/// "http://localhost:5000" if it listens on every address.
std::string page_address(const Options& options, int port);

}  // namespace hostwatch::server
