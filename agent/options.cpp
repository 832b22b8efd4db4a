#include "agent/options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/collectors/facts/host_name.h"
#include "agent/delivery/credential.h"
#include "agent/delivery/enrollment.h"
#include "protocol/names.h"
#include "util/config/config_format.h"
#include "util/config/environment.h"
#include "util/files/small_file.h"
#include "util/logging.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

/// An option's value is wrong: exit 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The options are right but the machine is not: exit 1.
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Option values as text; they are checked when all are known.
struct Given {
  std::string server_url = "http://127.0.0.1:5000/metrics";
  std::string interval = "10";
  std::string hostname;
  std::vector<std::string> tags;  ///< KEY=VALUE each
  std::string collectors = "default";
  std::string token;
  std::string token_file;
  bool allow_plaintext_token = false;
  std::string spool;
  std::string spool_max = "64";
};

void declare_delivery(CLI::App& app, Given& given, Options& options) {
  app.add_option("--server-url", given.server_url, "URL that readings are posted to, with its path")
      ->envname("SERVER_URL")
      ->capture_default_str()
      ->type_name("URL");
  app.add_option(
         "--token", given.token,
         "Token that the server asks for: this host's, or one to enrol with (default: none); other users can "
         "see it in the list of processes, so --token-file is better")
      ->envname("AGENT_TOKEN")
      ->type_name("TOKEN");
  app.add_option("--token-file", given.token_file,
                 "File that holds the token; it may be written later (default: none)")
      ->envname("AGENT_TOKEN_FILE")
      ->type_name("FILE");
  app.add_flag("--allow-plaintext-token", given.allow_plaintext_token,
               "Send the token over http:// to another machine, where others on the network can read it")
      ->envname("AGENT_ALLOW_PLAINTEXT_TOKEN");
  app.add_option("--ca-file", options.tls.authority,
                 "Certificate authority to trust over https:// (PEM; default: those of this system)")
      ->envname("AGENT_CA_FILE")
      ->type_name("FILE");
  app.add_option("--client-certificate", options.tls.certificate,
                 "Certificate of this agent, for servers that require one (PEM; default: none)")
      ->envname("AGENT_CLIENT_CERTIFICATE")
      ->type_name("FILE");
  app.add_option("--client-key", options.tls.key, "Private key of --client-certificate (PEM)")
      ->envname("AGENT_CLIENT_KEY")
      ->type_name("FILE");
}

void declare_readings(CLI::App& app, Given& given) {
  app.add_option("--interval", given.interval, "Seconds between two readings, 1 to 3600")
      ->envname("COLLECT_INTERVAL")
      ->capture_default_str()
      ->type_name("SECONDS");
  app.add_option("--hostname", given.hostname, "Name of this host on the server (default: the host's own)")
      ->envname("AGENT_HOSTNAME")
      ->type_name("NAME");
  app.add_option("--tag", given.tags,
                 "Tag of this host, such as role=db; up to 16 (in the environment, separated by commas)")
      ->envname("AGENT_TAGS")
      ->type_name("KEY=VALUE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  app.add_option(
         "--collectors", given.collectors,
         "Collectors to run, separated by commas and read from left to right: NAME adds one, -NAME leaves "
         "one out, 'default' and 'all' add several. A list that begins with -NAME starts from the default "
         "(--collectors=-pressure,-network), any other from those that always run: " +
             list_collectors(CollectorDefinition::Runs::always) +
             ". By default: " + list_collectors(CollectorDefinition::Runs::by_default) +
             ". On request: " + list_collectors(CollectorDefinition::Runs::on_request))
      ->envname("AGENT_COLLECTORS")
      ->capture_default_str()
      ->type_name("LIST");
}

void declare_roots(CLI::App& app, Options& options) {
  app.add_option("--proc-root", options.roots.proc, "Where the host's proc(5) is mounted")
      ->envname("HOSTWATCH_PROC_ROOT")
      ->capture_default_str()
      ->type_name("DIRECTORY");
  app.add_option("--sys-root", options.roots.sys,
                 "Where the host's sysfs(5) is mounted (default: sys below --rootfs)")
      ->envname("HOSTWATCH_SYS_ROOT")
      ->type_name("DIRECTORY");
  app.add_option("--rootfs", options.roots.rootfs, "Where the host's root file system is mounted")
      ->envname("HOSTWATCH_ROOTFS")
      ->capture_default_str()
      ->type_name("DIRECTORY");
}

void declare_spool(CLI::App& app, Given& given) {
  app.add_option("--spool", given.spool,
                 "Folder for undelivered readings (default: /var/lib/hostwatch-agent for root, "
                 "~/.local/state/hostwatch-agent for others)")
      ->envname("HOSTWATCH_SPOOL")
      ->type_name("DIRECTORY");
  app.add_option(
         "--spool-max", given.spool_max,
         "Most MiB of undelivered readings to keep, 1 to 1048576; when it is full the oldest are deleted")
      ->envname("HOSTWATCH_SPOOL_MAX")
      ->capture_default_str()
      ->type_name("MIB");
}

void declare_program(CLI::App& app, Options& options) {
  app.add_option("--log-level", options.log_level, "How much is logged to standard error")
      ->envname("HOSTWATCH_LOG_LEVEL")
      ->capture_default_str()
      ->type_name("LEVEL")
      ->check(CLI::IsMember(util::log_levels()));
  app.add_flag("--once", options.once, "Print one reading as JSON to standard output and exit")
      ->envname("HOSTWATCH_ONCE");
  app.set_config("--config", "", "File with the options above, one 'name = value' per line (default: none)")
      ->envname("HOSTWATCH_AGENT_CONFIG")
      ->type_name("FILE");
  app.config_formatter(std::make_shared<util::ConfigFormat>(app));
}

/// In the order in which --help lists them.
void declare(CLI::App& app, Given& given, Options& options) {
  app.name("hostwatch-agent");
  app.set_version_flag("--version", "hostwatch-agent " HOSTWATCH_VERSION, "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  declare_delivery(app, given, options);
  declare_readings(app, given);
  declare_roots(app, options);
  declare_spool(app, given);
  declare_program(app, options);
}

int parse_whole_number(const char* option, const std::string& text, const char* of, int least, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    throw UsageError(std::string(option) + ": '" + text + "' is not a whole number of " + of + " from " +
                     std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

/// Where programs keep what they need again: systemd's StateDirectory, else the FHS's and the XDG's folders.
/// Empty if there is none, as for a user without a home.
std::string default_spool() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr && *value == '/' ? value : "");
  };
  if (const std::string state = variable("STATE_DIRECTORY"); !state.empty())
    return state.substr(0, state.find(':'));
  if (::geteuid() == 0) return "/var/lib/hostwatch-agent";
  if (const std::string state = variable("XDG_STATE_HOME"); !state.empty()) return state + "/hostwatch-agent";
  const std::string home = variable("HOME");
  return home.empty() ? home : home + "/.local/state/hostwatch-agent";
}

void check_directory(const char* option, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    throw UsageError(std::string(option) + ": '" + path + "': " + std::strerror(errno));
  }
  if (!S_ISDIR(status.st_mode)) throw UsageError(std::string(option) + ": '" + path + "' is not a directory");
}

std::string choose_hostname(const std::string& given, const std::string& proc_root) {
  if (!given.empty()) {
    if (const auto why = protocol::why_not_host_name(given)) throw UsageError("--hostname " + *why);
    return given;
  }
  std::string own = own_host_name(proc_root);
  if (own.empty()) return std::string(kNoNameOfItsOwn);
  if (const auto why = protocol::why_not_host_name(own)) {
    throw StartError("this host's own name cannot be used, it " + *why + "; give --hostname");
  }
  return own;
}

protocol::Tags read_tags(const std::vector<std::string>& given) {
  protocol::Tags tags;
  for (const std::string& untrimmed : given) {
    const std::string text = util::trim(untrimmed);  // people write blanks behind commas
    auto parsed = protocol::parse_tag(text);
    if (const auto* why = std::get_if<std::string>(&parsed)) {
      constexpr std::size_t kShown = 100;  // the reason must not be cut off behind it
      throw UsageError("--tag: '" + util::make_printable(text, kShown) + "' " + *why);
    }
    auto& tag = std::get<protocol::Tag>(parsed);
    if (tags.contains(tag.key)) throw UsageError("--tag: '" + tag.key + "' is given twice");
    tags.emplace(std::move(tag.key), std::move(tag.value));
  }
  if (tags.size() > protocol::kMostTags) {
    throw UsageError("--tag: a host may have " + std::to_string(protocol::kMostTags) + " tags, these are " +
                     std::to_string(tags.size()));
  }
  return tags;
}

CollectorNames choose_collectors(const std::string& given) {
  auto chosen = parse_collector_list(given);
  if (const auto* why = std::get_if<std::string>(&chosen)) throw UsageError("--collectors: " + *why);
  return std::get<CollectorNames>(std::move(chosen));
}

/// One that is not there yet may come: the server of a new installation writes it when it starts.
void check_token_file(const std::string& path) {
  constexpr std::size_t kMaxBytes = 4'096;
  const auto text = util::read_small_file(path, kMaxBytes);
  if (!text && errno != ENOENT) throw StartError("--token-file: '" + path + "': " + std::strerror(errno));
  if (text && !is_plain_token(util::trim(*text))) {
    throw UsageError("--token-file: '" + path + "' must hold one token, printable ASCII without blanks");
  }
}

void choose_token(const Given& given, Options& options) {
  if (!given.token.empty() && !given.token_file.empty()) {
    throw UsageError("--token and --token-file exclude each other");
  }
  if (!is_plain_token(given.token)) {
    // It goes into a header: a line's end in it would be a header of its own. It is not repeated here.
    throw UsageError("the token must be printable ASCII without blanks");
  }
  if (is_enrollment_token(given.token) && !enrollment_path(options.server_url.path)) {
    throw UsageError("a token to enrol with needs a --server-url that ends in /metrics");
  }
  const bool has_token = !given.token.empty() || !given.token_file.empty();
  if (has_token && !options.server_url.encrypted && !options.server_url.is_loopback() &&
      !given.allow_plaintext_token) {
    throw UsageError("the token would travel unencrypted to '" + options.server_url.host +
                     "'; use https://, or --allow-plaintext-token where nobody can listen");
  }
  options.token = given.token;
  options.token_file = given.token_file;
  if (!given.token_file.empty()) check_token_file(given.token_file);
}

void check_tls(const Options& options) {
  if (options.tls.certificate.empty() != options.tls.key.empty()) {
    throw UsageError("--client-certificate and --client-key go together");
  }
  if (options.tls != net::TlsFiles{} && !options.server_url.encrypted) {
    throw UsageError("--ca-file and --client-certificate are for an https:// --server-url");
  }
}

void check(const Given& given, Options& options) {
  try {
    options.server_url = net::parse_server_url(given.server_url);
  } catch (const net::ServerUrlError& error) {
    throw UsageError("--server-url: '" + net::without_secrets(given.server_url) + "': " + error.what());
  }
  options.interval =
      std::chrono::seconds(parse_whole_number("--interval", given.interval, "seconds", 1, 3'600));
  options.spool_max_bytes =
      static_cast<std::uint64_t>(parse_whole_number("--spool-max", given.spool_max, "MiB", 1, 1'048'576))
      << 20U;
  options.spool_given = !given.spool.empty();
  options.spool = options.spool_given ? given.spool : default_spool();
  check_directory("--proc-root", options.roots.proc);
  check_directory("--rootfs", options.roots.rootfs);
  if (!options.roots.sys.empty()) check_directory("--sys-root", options.roots.sys);
  options.collectors = choose_collectors(given.collectors);
  choose_token(given, options);
  check_tls(options);
  options.tags = read_tags(given.tags);
  options.hostname_given = !given.hostname.empty();
  options.hostname = choose_hostname(given.hostname, options.roots.proc);
}

/// The tags of the environment are a list, and none of them counts where the command line has some: what
/// stands in both would else be given twice. The variable is unset, as CLI11 would take a list without a tag
/// (of variables that were empty: ",") for one.
void append_tags(std::vector<std::string>& arguments, const std::string& variable, std::string_view list,
                 int argc, const char* const* argv) {
  ::unsetenv(variable.c_str());
  const bool has_own = std::any_of(argv + 1, argv + argc, [](std::string_view argument) {
    return argument == "--tag" || argument.starts_with("--tag=");
  });
  if (has_own) return;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (const std::string tag = util::trim(list.substr(begin, end - begin)); !tag.empty())
      arguments.push_back("--tag=" + tag);
    begin = end + 1;
  }
}

/// The environment goes before the file, which CLI11 would do the other way round: so what it says is put
/// before the command line, where the last one counts.
std::vector<std::string> with_environment(const CLI::App& app, int argc, const char* const* argv,
                                          std::vector<std::string>& notices) {
  std::vector<std::string> arguments;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_envname().empty()) continue;
    const auto value = util::environment_value(option->get_envname(), notices);
    if (!value) continue;
    if (option->get_name() == "--tag") {
      append_tags(arguments, option->get_envname(), *value, argc, argv);
    } else {
      arguments.push_back(option->get_name() + "=" + *value);
    }
  }
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  return arguments;
}

EndNow end_with(int status, const std::string& what) {
  constexpr std::size_t kMaxBytes = 500;
  const std::string hint = status == 2 ? "; see --help" : "";
  return EndNow{
      status,
      {},
      "hostwatch-agent: " + util::make_printable(util::without_url_secrets(what), kMaxBytes) + hint};
}

}  // namespace

std::variant<Options, EndNow> parse_options(int argc, const char* const* argv) {
  CLI::App app{"Reads this host's values at an interval and delivers them to a Hostwatch server."};
  Given given;
  Options options;
  try {
    declare(app, given, options);
    std::vector<std::string> arguments = with_environment(app, argc, argv, options.notices);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(std::move(arguments));
    check(given, options);
    return options;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return end_with(2, error.what());
    std::ostringstream output;  // --help and --version come as exceptions too
    std::ostringstream nothing;
    app.exit(error, output, nothing);
    return EndNow{0, output.str(), {}};
  } catch (const UsageError& error) {
    return end_with(2, error.what());
  } catch (const std::exception& error) {
    return end_with(1, error.what());
  }
}

}  // namespace hostwatch::agent
