// hostwatch-agent: options in, parts built in order, run until told to stop.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/facts.h"
#include "agent/collectors/host_name.h"
#include "agent/collectors/own_metrics.h"
#include "agent/delivery/delivery.h"
#include "agent/memory_footprint.h"
#include "agent/options.h"
#include "agent/sampling/reading_clock.h"
#include "agent/collectors/repeated_facts.h"
#include "agent/sampling/sampler.h"
#include "agent/sampling/sampling_thread.h"
#include "agent/spool/spool.h"
#include "agent/spool/spool_folder.h"
#include "protocol/encode.h"
#include "protocol/names.h"
#include "util/file_access.h"
#include "util/rooted_file.h"
#include "util/small_file.h"

namespace {

using namespace hostwatch;
using namespace std::chrono_literals;

/// What stopping may take: 5 s in all, with some to spare.
constexpr auto kSamplingEnds = 300ms;
constexpr auto kDeliveryEnds = 4'300ms;

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Blocked before any thread starts, so that only sigwait() ever meets them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void start_log(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("hostwatch-agent"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

/// Unlike the steady clock it goes on while the machine sleeps, as the server's does.
agent::ReadingClock::Time boot_time_now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return agent::ReadingClock::Time(std::chrono::seconds(time.tv_sec) +
                                   std::chrono::nanoseconds(time.tv_nsec));
}

/// What the host is called now, empty where that is no name that a server would take.
std::function<std::string()> name_reader(const std::string& proc_root) {
  return [proc_root] {
    std::string name = agent::own_host_name(proc_root);
    return protocol::why_not_host_name(name) ? std::string() : name;
  };
}

agent::Sampler make_sampler(const agent::Options& options, agent::CollectorSet& collectors,
                            std::function<std::int64_t()> stamp,
                            std::function<bool(const std::string&)> may_take_name) {
  std::function<std::string()> read_name;  // of a name that was given there is nothing to read
  if (!options.hostname_given) read_name = name_reader(options.roots.proc);
  return agent::Sampler(
      options.hostname, options.interval,
      {[&collectors](auto now) { return collectors.collect(now); },
       [roots = options.roots, tags = options.tags](const std::vector<protocol::Sample>& sent) {
         protocol::HostFacts facts = agent::read_facts(roots);
         facts.tags = tags;
         agent::read_repeated_instances(roots, sent, facts);
         return facts;
       },
       std::move(stamp), std::move(read_name), std::move(may_take_name)});
}

/// Ends the program where destroying an object would wait for the kernel, perhaps for ever.
[[noreturn]] void leave(int status) {
  spdlog::default_logger()->flush();
  std::fflush(stdout);
  std::_Exit(status);
}

int print_once(const agent::Options& options) {
  agent::CollectorSet collectors(agent::make_collectors(options.roots));
  agent::Sampler sampler = make_sampler(options, collectors, unix_now, nullptr);
  sampler.warm_up(std::chrono::steady_clock::now());
  std::this_thread::sleep_for(agent::SamplingThread::kWarmUp);  // rates are over a time: this is that time
  const auto reading = sampler.sample(std::chrono::steady_clock::now());
  int status = 1;  // the sampler has logged what is missing
  if (reading) {
    const std::string text = protocol::encode_reading(*reading) + "\n";
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!written) spdlog::error("cannot write to standard output");
    status = written ? 0 : 1;
  }
  if (collectors.has_stuck_worker()) leave(status);
  return status;
}

agent::DeliverySettings delivery_settings(const agent::Options& options, const std::string& identity,
                                          bool has_folder) {
  agent::DeliverySettings settings;
  settings.url = options.server_url;
  settings.tls = options.tls;
  settings.credential = {options.token, options.token_file, has_folder ? options.spool + "/token" : "",
                         options.server_url.text(), options.hostname};
  settings.identity = identity;
  settings.send_offset = agent::send_offset(options.hostname, options.interval);
  return settings;
}

/// Says which of the files that hold secrets are no secret.
void warn_of_readable_files(const agent::Options& options) {
  for (const auto& [option, file] :
       {std::pair("--token-file", options.token_file), std::pair("--client-key", options.tls.key)}) {
    if (!file.empty() && util::is_readable_by_all(file)) {
      spdlog::warn("{} '{}' can be read by every user of this machine (chmod o-r)", option, file);
    }
  }
}

/// The spool's folder; none if the default one is another agent's, or not for us alone: then everything stays
/// in memory.
std::unique_ptr<agent::SpoolFolder> open_folder(const agent::Options& options) {
  if (options.spool.empty()) {
    spdlog::warn("there is no folder to keep undelivered readings in (--spool): they are kept in memory");
    return nullptr;
  }
  try {
    return std::make_unique<agent::SpoolFolder>(options.spool);
  } catch (const agent::SpoolInUse& error) {
    if (options.spool_given) throw;
    spdlog::warn("{}: undelivered readings are kept in memory", error.what());
    return nullptr;
  } catch (const agent::SpoolNotPrivate& error) {
    if (options.spool_given) throw;
    spdlog::warn("{}: undelivered readings are kept in memory", error.what());
    return nullptr;
  }
}

/// Of the watched machine, see machine-id(5); empty if it has none.
std::string machine_id(const agent::Options& options) {
  constexpr std::size_t kMaxBytes = 256;
  return util::trim(util::read_in_root(options.roots.rootfs, "/etc/machine-id", kMaxBytes).value_or(""));
}

agent::SpoolSettings spool_settings(const agent::Options& options, bool has_folder) {
  agent::SpoolSettings settings;
  if (has_folder) settings.folder = options.spool;
  settings.max_bytes = options.spool_max_bytes;
  settings.segment_bytes = std::min<std::size_t>(settings.segment_bytes, settings.max_bytes / 8);
  return settings;
}

/// Says, once a reading's size is known, how long an outage the spool outlasts.
void log_capacity(const agent::Options& options, const agent::Spool& spool) {
  if (spool.statistics().in_memory) return;
  const double readings =
      static_cast<double>(options.spool_max_bytes) / static_cast<double>(spool.record_bytes());
  const double days = readings * static_cast<double>(options.interval.count()) / 86'400;
  spdlog::info("the spool '{}' has room for {} MiB: {:.1f} days of readings of {} bytes", options.spool,
               options.spool_max_bytes >> 20U, days, spool.record_bytes());
}

/// The parts in the order in which the data goes through them.
class Agent {
 public:
  explicit Agent(const agent::Options& options)
      : options_(options),
        folder_(open_folder(options)),
        state_(folder_ ? folder_->load(machine_id(options)) : agent::new_agent_state({})),
        spool_(spool_settings(options, folder_ != nullptr)),
        clock_(unix_now, std::max(state_.last_timestamp, spool_.newest_found())),
        collectors_(make_collectors()),
        sampler_(make_sampler(
            options, collectors_, [this] { return clock_.stamp(boot_time_now()); },
            [this](const std::string& name) {
              delivery_.take_name(name);
              return false;  // delivery says when
            })),
        delivery_(spool_, delivery_settings(options, state_.identity, folder_ != nullptr),
                  {[this] { return zero_to_one_(generator_); }, unix_now, [this] { sampler_.want_facts(); },
                   [this](std::int64_t time) { clock_.server_said(time, boot_time_now()); },
                   [this](const std::string& name) { sampler_.set_hostname(name); }}),
        sampling_(sampler_, options.interval, [this](const protocol::Reading& reading) { take(reading); }) {}

  void read_files_again() { delivery_.read_files_again(); }

  /// True if everything has ended in time and can be destroyed.
  bool stop() {
    const bool sampling_ended = sampling_.stop(kSamplingEnds);
    const bool delivery_ended = delivery_.stop(kDeliveryEnds);
    state_.last_timestamp = clock_.last();
    if (folder_) folder_->save(state_);
    const auto counts = delivery_.counts();
    const auto spool = spool_.statistics();
    spdlog::info("stopped: {} readings delivered, {} refused, {} dropped for want of room, {} {}",
                 counts.delivered, counts.rejected + counts.dropped, spool.dropped, spool.waiting,
                 spool.in_memory ? "lost with the memory" : "in the spool");
    return sampling_ended && delivery_ended && !collectors_.has_stuck_worker();
  }

 private:
  std::vector<std::unique_ptr<agent::Collector>> make_collectors() {
    auto collectors = agent::make_collectors(options_.roots);
    collectors.push_back(std::make_unique<agent::OwnCollector>([this] {
      const auto counts = delivery_.counts();
      const auto spool = spool_.statistics();
      return agent::OwnFigures{spool.waiting, spool.dropped, counts.rejected + counts.dropped, spool.damaged};
    }));
    return collectors;
  }

  void take(const protocol::Reading& reading) {
    spool_.push(reading);
    spdlog::debug("reading {} in the spool", reading.timestamp);
    if (!std::exchange(capacity_logged_, true)) log_capacity(options_, spool_);
    delivery_.break_off_overdue(std::chrono::steady_clock::now());
  }

  const agent::Options& options_;
  std::unique_ptr<agent::SpoolFolder> folder_;
  agent::AgentState state_;
  agent::Spool spool_;
  agent::ReadingClock clock_;
  agent::CollectorSet collectors_;
  agent::Sampler sampler_;
  std::minstd_rand generator_{std::random_device{}()};
  std::uniform_real_distribution<double> zero_to_one_{0.0, 1.0};
  bool capacity_logged_ = false;
  agent::Delivery delivery_;
  agent::SamplingThread sampling_;
};

int run(const agent::Options& options, const sigset_t& stop_signals) {
  Agent parts(options);
  spdlog::info("hostwatch-agent " HOSTWATCH_VERSION " on '{}', a reading every {} s", options.hostname,
               options.interval.count());
  if (!options.hostname_given && agent::is_stand_in_name(options.hostname)) {
    spdlog::warn("this host has no name of its own: it is shown as '{}', as others may be, until it has one",
                 options.hostname);
  }
  warn_of_readable_files(options);
  agent::release_startup_memory();

  int signal = 0;
  while (sigwait(&stop_signals, &signal) == 0 && signal == SIGHUP) parts.read_files_again();
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);  // a second signal ends the program at once
  spdlog::info("stopping");
  if (!parts.stop()) leave(0);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  agent::limit_heap();
  ::umask(0077);  // what it keeps is for this user alone, folders above the spool included
  const sigset_t stop_signals = block_stop_signals();
  std::signal(SIGPIPE, SIG_IGN);  // a connection that is gone is an error of write(), not the program's end
  std::signal(SIGXFSZ, SIG_IGN);  // nor is a spool at its file size limit
  try {
    const auto parsed = agent::parse_options(argc, argv);
    if (const auto* end = std::get_if<agent::EndNow>(&parsed)) {
      std::fputs(end->output.c_str(), stdout);
      if (!end->error.empty()) std::fprintf(stderr, "%s\n", end->error.c_str());
      return end->status;
    }
    const auto& options = std::get<agent::Options>(parsed);
    start_log(options.log_level);
    for (const std::string& notice : options.notices) spdlog::warn("{}", notice);
    if (options.once) {
      pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
      return print_once(options);
    }
    return run(options, stop_signals);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hostwatch-agent: cannot start: %s\n", error.what());
    return 1;
  }
}
