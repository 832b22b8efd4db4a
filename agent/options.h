#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/registry.h"
#include "net/tls_client.h"
#include "net/url.h"
#include "protocol/tag.h"

namespace hostwatch::agent {

/// What the program was told, checked.
struct Options {
  net::ServerUrl server_url;
  std::chrono::seconds interval{10};  ///< 1 to 3600
  std::string hostname;               ///< as the server shows it; never empty
  bool hostname_given = false;        ///< it stays, whatever the host is called
  protocol::Tags tags;                ///< that the host is to be found by
  std::string token;                  ///< printable ASCII without blanks; empty: none
  std::string token_file;             ///< that holds one, now or later; empty: none
  net::TlsFiles tls;
  Roots roots;
  CollectorNames collectors = default_collectors();  ///< those that run
  std::string spool;         ///< folder for what is not delivered yet; empty: memory alone
  bool spool_given = false;  ///< it was asked for, and is not the default
  std::uint64_t spool_max_bytes = 64U << 20U;
  std::string log_level = "info";  ///< trace debug info warning error critical off
  bool once = false;
  std::vector<std::string> notices;  ///< lines for the log: what was passed over
};

/// The program is to end at once: with what text on which stream, and with what status.
struct EndNow {
  int status = 0;      ///< 0: --help, --version; 1: cannot start; 2: wrong use
  std::string output;  ///< for standard output; ends its last line
  std::string error;   ///< for standard error: one line, without its end
};

/// Reads the command line, the environment and the file of --config, in this order of precedence. Throws
/// nothing but std::bad_alloc.
std::variant<Options, EndNow> parse_options(int argc, const char* const* argv);

}  // namespace hostwatch::agent
