#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "server/options/access_options.h"
#include "server/options/alert_options.h"
#include "server/storage/store.h"

namespace hostwatch::server {

/// What the program is to do.
enum class Task : std::uint8_t {
  serve,
  check_health,
  check,
  backup,
  restore,
  export_readings,
  import_readings,
  check_rules,
  preview_rules,
  test_rules,
  export_rules,
  print_shipped_rules,
  list_tokens,
  create_token,
  revoke_token,
  allow_agent,
  disallow_agent,
  list_users,
  add_user,
  set_password,
  remove_user
};

/// True for the commands about tokens and users.
inline bool is_credential_task(Task task) {
  return task >= Task::list_tokens;
}

/// True for the commands about rules of alarms.
inline bool is_rule_task(Task task) {
  return task >= Task::check_rules && task <= Task::print_shipped_rules;
}

struct Options {
  std::string listen = "127.0.0.1";
  int port = 5000;
  std::string database = "data/metrics.db";
  storage::Retention retention;
  std::uint64_t max_database_bytes = 0;  ///< 0: as much as comes
  std::string log_level = "info";
  Task task = Task::serve;
  std::string backup;                  ///< the file of Task::backup and Task::restore
  bool accept_roll_ups = false;        ///< Task::restore takes a backup whose roll-ups are wrong
  std::string transfer = "-";          ///< the file of an export or import; -: standard output or input
  std::vector<std::string> hostnames;  ///< to export; none: all
  std::int64_t from = 0;               ///< of an export, Unix seconds
  std::int64_t to = INT64_MAX;
  std::string rules;          ///< folder of files with rules of alarms; empty: there is none
  std::string checked_rules;  ///< the folder or file of Task::check_rules, preview_rules and test_rules
  std::int64_t previewed = 7 * 86400;  ///< seconds up to now, of Task::preview_rules
  std::string previewed_host;          ///< the only one of Task::preview_rules; empty: all
  AccessOptions access;
  AlertOptions alerts;
  CredentialCommand credential;
  std::vector<std::string> notices;  ///< lines for the log: what was passed over
};

/// The program is to end at once with this status; what there was to say has been said.
struct ExitStatus {
  int status;
};

/// Reads the command line, the environment and the file of --config, in this order of precedence. --help and
/// --version print and give status 0; anything wrong prints one line to standard error and gives 2.
std::variant<Options, ExitStatus> parse_options(int argc, const char* const* argv);

/// "90s", "12h", "7d", "4w", or plain seconds, in seconds; throws std::invalid_argument with what is right.
std::int64_t parse_duration(const std::string& text);

/// "2026-11-01", "2026-11-01T12:00:00Z" (UTC), or Unix seconds; throws std::invalid_argument with what is
/// right.
std::int64_t parse_time(const std::string& text);

/// "500MB", "20GiB", or plain bytes; throws std::invalid_argument with what is right.
std::uint64_t parse_size(const std::string& text);

}  // namespace hostwatch::server
