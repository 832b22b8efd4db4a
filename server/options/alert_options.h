#pragma once

#include <string>
#include <vector>

#include "net/address_range.h"

namespace CLI {
class App;
}

namespace hostwatch::server {

/// What the command line says of where alarms may be told.
struct AlertOptions {
  std::string channels;  ///< file of channels; empty: there is none
  std::vector<std::string> allow;
  std::vector<std::string> deny;
};

struct AlertDestinations {
  std::vector<net::AddressRange> allow;  ///< loopback that channels of the page may reach
  std::vector<net::AddressRange> deny;   ///< what no channel may reach
};

void declare_alerts(CLI::App& app, AlertOptions& options);

/// Throws std::invalid_argument if they are no addresses.
AlertDestinations alert_destinations(const AlertOptions& options);

}  // namespace hostwatch::server
