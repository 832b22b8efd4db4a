#include "server/options/alert_options.h"

#include <CLI/CLI.hpp>
#include <stdexcept>

namespace hostwatch::server {
namespace {

std::vector<net::AddressRange> parsed_ranges(const char* option, const std::vector<std::string>& texts) {
  std::vector<net::AddressRange> ranges;
  for (const std::string& text : texts) {
    const auto range = net::AddressRange::parse(text);
    if (!range) {
      throw std::invalid_argument(std::string(option) + ": '" + text +
                                  "' is not an address such as 127.0.0.1 or 10.0.0.0/8");
    }
    ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace

void declare_alerts(CLI::App& app, AlertOptions& options) {
  const auto list = [&app](const char* name, std::vector<std::string>& values, const char* what) {
    return app.add_option(name, values, what)
        ->delimiter(',')
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->default_str("")
        ->allow_extra_args(false)  // what follows may be a command's FILE
        ->type_name("ADDRESS");
  };
  app.add_option("--channels", options.channels,
                 "File of channels for alarms (JSON), besides those that are made on the page")
      ->envname("HOSTWATCH_CHANNELS")
      ->type_name("FILE");
  list("--alert-allow", options.allow,
       "Loopback address or range (127.0.0.1) that alarms may be sent to (several with commas)")
      ->envname("HOSTWATCH_ALERT_ALLOW");
  list("--alert-deny", options.deny,
       "Address or range (10.0.0.0/8) that alarms may not be sent to (several with commas)")
      ->envname("HOSTWATCH_ALERT_DENY");
}

AlertDestinations alert_destinations(const AlertOptions& options) {
  return {parsed_ranges("--alert-allow", options.allow), parsed_ranges("--alert-deny", options.deny)};
}

}  // namespace hostwatch::server
