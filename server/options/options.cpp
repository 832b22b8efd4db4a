#include "server/options/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "net/address.h"
#include "server/options/not_empty.h"
#include "server/storage/open/database_scheme.h"
#include "util/config/config_format.h"
#include "util/config/environment.h"
#include "util/logging.h"
#include "util/text/text.h"

namespace hostwatch::server {
namespace {

constexpr std::int64_t kLeastRetention = 3600;
constexpr std::int64_t kMostRetention = 3650LL * 86400;

/// The environment goes before the file, which CLI11 would do the other way round: so what it says is put
/// before the command line, where the last one counts.
std::vector<std::string> with_environment(const CLI::App& app, int argc, const char* const* argv,
                                          std::vector<std::string>& notices) {
  std::vector<std::string> arguments;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_envname().empty()) continue;
    const auto value = util::environment_value(option->get_envname(), notices);
    if (value) arguments.push_back(option->get_name() + "=" + *value);
  }
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  return arguments;
}

void print_error(const char* what) {
  std::cerr << "hostwatch-server: " << util::without_url_secrets(what) << "; see --help\n";
}

/// Commands on the database of --database, which may stand before or after them.
void declare_tasks(CLI::App& app, Options& options) {
  app.fallthrough();
  app.require_subcommand(0, 1);
  const auto add = [&](const char* name, const char* what, Task task) {
    CLI::App* command = app.add_subcommand(name, what);
    command->callback([&options, task] { options.task = task; });
    return command;
  };
  add("check",
      "Check every page and every reading of the database, and exit with 0 or 1; a server may be running",
      Task::check);
  add("backup", "Copy the database to a new file; a server may be running", Task::backup)
      ->add_option("FILE", options.backup, "File to write")
      ->required();
  CLI::App* restoring = add(
      "restore", "Replace the database with a backup and keep the old one beside it; stop the server first",
      Task::restore);
  restoring->add_option("FILE", options.backup, "The backup")->required();
  restoring->add_flag("--accept-roll-ups", options.accept_roll_ups,
                      "Accept a backup whose roll-ups do not cover all of their readings");
  CLI::App* exporting = add(
      "export", "Write readings as CSV (hostname,timestamp,metric,instance,value); a server may be running",
      Task::export_readings);
  exporting->add_option("FILE", options.transfer, "File to write; - is standard output");
  exporting->add_option("--host", options.hostnames, "Export this host only; may be given several times")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);  // what follows the name may be FILE
  const auto time = [exporting](const char* name, std::int64_t& member, const char* what) {
    exporting->add_option_function<std::string>(
        name, [&member](const std::string& text) { member = parse_time(text); }, what);
  };
  time("--from", options.from, "First time to export: 2026-11-01, 2026-11-01T12:00:00Z or Unix seconds");
  time("--to", options.to, "Last time to export, inclusive");
  add("import", "Store the readings of an export; stop the server first", Task::import_readings)
      ->add_option("FILE", options.transfer, "File to read; - is standard input");
}

/// Commands on rules of alarms.
void declare_rule_tasks(CLI::App& app, Options& options) {
  CLI::App* rules = app.add_subcommand(
      "rules", "Check, test, preview, export and print rules of alarms; a server may be running");
  rules->require_subcommand(1);
  rules->fallthrough();
  const auto add = [&](const char* name, const char* what, Task task) {
    CLI::App* command = rules->add_subcommand(name, what);
    command->callback([&options, task] { options.task = task; });
    return command;
  };
  add("check", "Check files of rules, and exit with 0 or 1", Task::check_rules)
      ->add_option("PATH", options.checked_rules, "Folder of *.json files, or one file")
      ->required()
      ->check(not_empty());
  CLI::App* preview = add("preview", "Tell how often each rule would have fired", Task::preview_rules);
  preview->add_option("PATH", options.checked_rules, "Folder of *.json files, or one file")
      ->required()
      ->check(not_empty());
  preview->add_option_function<std::string>(
      "--from", [&options](const std::string& text) { options.previewed = parse_duration(text); },
      "How far back: 24h, 7d (default), 4w");
  preview->add_option("--hostname", options.previewed_host, "This host alone")->check(not_empty());
  add("test", "Run a file of tests of rules, and exit with 0 or 1", Task::test_rules)
      ->add_option("FILE", options.checked_rules, "The file (docs/alerts.md, \"Testing rules\")")
      ->required()
      ->check(not_empty());
  add("export", "Print the rules that were made on the page, as a file of rules", Task::export_rules);
  add("defaults", "Print the rules that the server comes with, as a file of rules",
      Task::print_shipped_rules);
}

/// Commands on tokens and users.
void declare_credential_tasks(CLI::App& app, Options& options) {
  const auto group = [&app](const char* name, const char* what) {
    CLI::App* command = app.add_subcommand(name, what);
    command->require_subcommand(1);
    command->fallthrough();
    return command;
  };
  const auto add = [&options](CLI::App* of, const char* name, const char* what, Task task) {
    CLI::App* command = of->add_subcommand(name, what);
    command->callback([&options, task] { options.task = task; });
    return command;
  };
  CredentialCommand& about = options.credential;
  CLI::App* token = group("token", "List, create and revoke tokens, allow agents; a server may be running");
  add(token, "list", "List all tokens, without their secrets", Task::list_tokens);
  CLI::App* create =
      add(token, "create", "Create a token and print it; it cannot be printed again", Task::create_token);
  create->add_option("NAME", about.name, "Name of the token in lists")->required();
  create->add_option("--scope", about.scope, "Scope: write (readings), read, admin, or enroll (new agents)")
      ->check(CLI::IsMember({"write", "read", "admin", "enroll", "agent"}));
  create->add_option("--host", about.host, "Accept readings of this host only")->check(not_empty());
  create->add_option("--expires", about.expires, "Lifetime (12h, 30d); without it the token does not expire")
      ->check(not_empty());
  create
      ->add_option("--uses", about.uses,
                   "Number of agents that may enrol with the token; without it any number")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  CLI::App* revoke =
      add(token, "revoke", "Revoke tokens; an agent whose token is revoked is refused", Task::revoke_token);
  revoke->add_option("ID", about.ids, "Numbers of the tokens")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  revoke->add_flag("--may-return", about.may_return, "Allow the agents of these tokens to enrol again");
  CLI::App* allow = add(token, "allow", "Allow agents that are refused or waiting to enrol within a day",
                        Task::allow_agent);
  allow->add_option("HOST", about.hosts, "Hosts that the agents enrol as")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  CLI::Option* agent =
      allow
          ->add_option("--agent", about.agent,
                       "Allow this agent only: its identity or the beginning of it, as `token list` shows")
          ->check(not_empty());
  allow->add_flag("--any", about.any, "Allow any agent, for a host that has none")->excludes(agent);
  CLI::App* disallow = add(token, "disallow", "Undo `token allow`, and remove waiting agents from the list",
                           Task::disallow_agent);
  disallow->add_option("HOST", about.hosts, "Hosts")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  disallow->add_option("--agent", about.agent, "Undo it for this agent only")->check(not_empty());

  CLI::App* user = group("user", "List, add and remove users; a server may be running");
  add(user, "list", "List all users", Task::list_users);
  CLI::App* person = add(user, "add", "Add a user; the password is read from standard input", Task::add_user);
  person->add_option("NAME", about.name, "Name of the user")->required();
  person->add_flag("--viewer", about.viewer, "Let the user read only");
  add(user, "password", "Set a user's password, read from standard input", Task::set_password)
      ->add_option("NAME", about.name, "Name of the user")
      ->required();
  CLI::App* leaver = add(user, "remove", "Remove a user", Task::remove_user);
  leaver->add_option("NAME", about.name, "Name of the user")->required();
  leaver->add_flag("--revoke-tokens", about.revoke_tokens, "Revoke the tokens that the user made, too");
}

/// What a new token must be like.
void check_credential_command(const Options& options) {
  const CredentialCommand& command = options.credential;
  if (options.task != Task::create_token) return;
  if (command.scope == "agent" && command.host.empty())
    throw std::invalid_argument("--scope agent needs --host");
  if (!command.host.empty() && command.scope != "agent" && command.scope != "write") {
    throw std::invalid_argument("--host is for tokens of --scope write or agent");
  }
  if (command.uses != 0 && command.scope != "enroll")
    throw std::invalid_argument("--uses is for tokens of --scope enroll");
  if (command.expires.empty()) return;
  if (parse_duration(command.expires) == 0)
    throw std::invalid_argument("--expires must be longer than nothing");
  if (command.expires.find_first_not_of("0123456789") == std::string::npos) {
    throw std::invalid_argument("--expires " + command.expires + " lacks its unit: " + command.expires +
                                "s, " + command.expires + "h or " + command.expires + "d");
  }
}

/// Options that are read once all are there.
struct Texts {
  std::string retention = "30d";
  std::string retention_minutes = "365d";
  std::string retention_hours = "3650d";
  std::string max_database_size = "0";
};

void declare_retention(CLI::App& app, Texts& texts) {
  app.add_option("--retention", texts.retention,
                 "How long raw readings are kept (90s, 12h, 7d, 4w); at least 1h")
      ->type_name("DURATION")
      ->envname("HOSTWATCH_RETENTION");
  app.add_option("--retention-minutes", texts.retention_minutes,
                 "How long averages, minima and maxima per minute are kept; at least as long as raw readings")
      ->type_name("DURATION")
      ->envname("HOSTWATCH_RETENTION_MINUTES");
  app.add_option(
         "--retention-hours", texts.retention_hours,
         "How long averages, minima and maxima per hour are kept; at least as long as those per minute")
      ->type_name("DURATION")
      ->envname("HOSTWATCH_RETENTION_HOURS");
  app.add_option(
         "--max-database-size", texts.max_database_size,
         "Largest size of the database (500MB, 20GiB): beyond it the oldest history of the largest hosts "
         "is deleted; 0 is no limit")
      ->type_name("SIZE")
      ->envname("HOSTWATCH_MAX_DATABASE_SIZE");
}

/// What is not said is as long as what it is made of, at least.
std::int64_t read_longer(const CLI::App& app, const std::string& option, const std::string& text,
                         std::int64_t least, const char* what) {
  const std::int64_t seconds = parse_duration(text);
  if (seconds < least && app.get_option(option)->count() > 0) {
    throw std::invalid_argument(option + " must be at least as long as " + what);
  }
  return std::max(seconds, least);
}

void read_retention(const CLI::App& app, const Texts& texts, Options& options) {
  storage::Retention& retention = options.retention;
  retention.readings = parse_duration(texts.retention);
  if (retention.readings < kLeastRetention) throw std::invalid_argument("--retention must be at least 1h");
  retention.minutes =
      read_longer(app, "--retention-minutes", texts.retention_minutes, retention.readings, "--retention");
  retention.hours =
      read_longer(app, "--retention-hours", texts.retention_hours, retention.minutes, "--retention-minutes");
  options.max_database_bytes = parse_size(texts.max_database_size);
  constexpr std::uint64_t kLeastSize = 1'000'000;
  if (options.max_database_bytes != 0 && options.max_database_bytes < kLeastSize) {
    throw std::invalid_argument("--max-database-size must be 0 or at least 1MB");
  }
}

}  // namespace

std::int64_t parse_time(const std::string& text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) return seconds;
  for (const char* form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), form, &parts);
    if (rest != nullptr && *rest == '\0') return ::timegm(&parts);
  }
  throw std::invalid_argument("'" + text +
                              "' is not a time such as 2026-11-01, 2026-11-01T12:00:00Z or Unix seconds");
}

std::uint64_t parse_size(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> kUnits{{{"", 1},
                                                                               {"B", 1},
                                                                               {"kB", 1000},
                                                                               {"MB", 1000000},
                                                                               {"GB", 1000000000},
                                                                               {"TB", 1000000000000},
                                                                               {"KiB", 1ULL << 10U},
                                                                               {"MiB", 1ULL << 20U},
                                                                               {"GiB", 1ULL << 30U},
                                                                               {"TiB", 1ULL << 40U}}};
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto* found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& one) { return one.first == unit; });
  constexpr std::uint64_t kMost = 1ULL << 50U;
  if (error != std::errc() || found == kUnits.end() || count > kMost / found->second) {
    throw std::invalid_argument("'" + text + "' is not a size such as 500MB, 20GiB or 0");
  }
  return count * found->second;
}

std::int64_t parse_duration(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string unit(end, text.data() + text.size());
  const std::int64_t seconds = unit.empty() || unit == "s" ? 1
                               : unit == "m"               ? 60
                               : unit == "h"               ? 3600
                               : unit == "d"               ? 86400
                               : unit == "w"               ? 604800
                                                           : 0;
  if (error != std::errc() || seconds == 0 || count < 0 || count > kMostRetention / seconds) {
    throw std::invalid_argument("'" + text +
                                "' is not a duration such as 90s, 45m, 12h, 7d or 4w (at most 3650d)");
  }
  return count * seconds;
}

std::variant<Options, ExitStatus> parse_options(int argc, const char* const* argv) {
  Options options;
  Texts texts;
  CLI::App app{
      "Receives readings from agents, stores them and serves the dashboard, http://127.0.0.1:5000/dashboard"};
  app.name("hostwatch-server");
  app.set_version_flag("--version", "hostwatch-server " HOSTWATCH_VERSION);
  app.config_formatter(std::make_shared<util::ConfigFormat>(app));
  app.option_defaults()->always_capture_default()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("--listen", options.listen,
                 "Address to listen on; 0.0.0.0 is every IPv4 address, :: every address")
      ->type_name("ADDRESS")
      ->envname("HOSTWATCH_LISTEN");
  app.add_option("--port", options.port, "Port to listen on; 0 is any free port")
      ->type_name("PORT")
      ->envname("MONITOR_PORT")
      ->check(CLI::Range(0, 65535));
  app.add_option("--database", options.database,
                 "Database that keeps the readings: the path of an SQLite file")
      ->type_name("PATH")
      ->envname("DATABASE_PATH");
  declare_retention(app, texts);
  app.add_option("--rules", options.rules,
                 "Folder of *.json files with rules of alarms; SIGHUP reads them again")
      ->check(not_empty())
      ->type_name("DIR")
      ->envname("HOSTWATCH_RULES");
  declare_access(app, options.access);
  declare_alerts(app, options.alerts);
  app.add_option("--log-level", options.log_level, "Least severe level that is logged to standard error")
      ->envname("HOSTWATCH_LOG_LEVEL")
      ->check(CLI::IsMember(util::log_levels()));
  bool check_health = false;
  app.add_flag("--check-health", check_health,
               "Ask the server at this port for its health, and exit with 0 or 1");
  declare_tasks(app, options);
  declare_rule_tasks(app, options);
  declare_credential_tasks(app, options);
  app.set_config("--config", "", "File with the options above, one 'name = value' per line")
      ->type_name("FILE")
      ->envname("HOSTWATCH_SERVER_CONFIG");
  try {
    app.parse(with_environment(app, argc, argv, options.notices));
    if (check_health && options.task != Task::serve) {
      throw std::invalid_argument("--check-health and a command exclude each other");
    }
    if (check_health) options.task = Task::check_health;
    read_retention(app, texts, options);
    check_credential_command(options);
    if (options.listen.empty()) throw std::invalid_argument("--listen must not be empty");
    options.listen = std::string(net::without_brackets(options.listen));
    access_settings(options.access, options.listen);
    alert_destinations(options.alerts);
    if (options.database.empty()) throw std::invalid_argument("--database must not be empty");
    storage::kind_of_store(options.database);  // refuses one that is not built in
    return options;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return ExitStatus{app.exit(error)};  // --help, --version
    print_error(error.what());
  } catch (const std::invalid_argument& error) {
    print_error(error.what());
  } catch (const storage::StoreError& error) {
    print_error(error.what());
  }
  return ExitStatus{2};
}

}  // namespace hostwatch::server
