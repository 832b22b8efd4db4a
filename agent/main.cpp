// hostwatch-agent: options in, parts built in order, run until told to stop.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <thread>
#include <utility>
#include <variant>

#include "agent/collectors/collector.h"
#include "agent/delivery.h"
#include "agent/facts.h"
#include "agent/memory_footprint.h"
#include "agent/options.h"
#include "agent/reading_queue.h"
#include "agent/sampler.h"
#include "agent/sampling_thread.h"
#include "protocol/encode.h"

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
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void start_log(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("hostwatch-agent"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

agent::Sampler make_sampler(const agent::Options& options, agent::CollectorSet& collectors) {
  return agent::Sampler(options.hostname, options.interval,
                        {[&collectors](auto now) { return collectors.collect(now); },
                         [roots = options.roots] { return agent::read_facts(roots); }, unix_now});
}

/// Ends the program where destroying an object would wait for the kernel, perhaps for ever.
[[noreturn]] void leave(int status) {
  spdlog::default_logger()->flush();
  std::fflush(stdout);
  std::_Exit(status);
}

int print_once(const agent::Options& options) {
  agent::CollectorSet collectors(agent::make_collectors(options.roots));
  agent::Sampler sampler = make_sampler(options, collectors);
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

agent::DeliverySettings delivery_settings(const agent::Options& options) {
  agent::DeliverySettings settings;
  settings.url = options.server_url;
  settings.token = options.token;
  settings.send_offset = agent::send_offset(options.hostname, options.interval);
  return settings;
}

int run(const agent::Options& options, const sigset_t& stop_signals) {
  agent::CollectorSet collectors(agent::make_collectors(options.roots));
  agent::Sampler sampler = make_sampler(options, collectors);
  agent::ReadingQueue queue;
  std::minstd_rand generator(std::random_device{}());
  std::uniform_real_distribution<double> zero_to_one(0.0, 1.0);
  agent::Delivery delivery(queue, delivery_settings(options),
                           {[&] { return zero_to_one(generator); }, unix_now, [&] { sampler.want_facts(); }});
  agent::SamplingThread sampling(sampler, options.interval, [&](const protocol::Reading& reading) {
    queue.push(protocol::encode_reading(reading));
    delivery.break_off_overdue(std::chrono::steady_clock::now());
  });
  spdlog::info("hostwatch-agent " HOSTWATCH_VERSION " on '{}', a reading every {} s", options.hostname,
               options.interval.count());
  agent::release_startup_memory();

  int signal = 0;
  sigwait(&stop_signals, &signal);
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);  // a second signal ends the program at once
  spdlog::info("stopping");
  const bool sampling_ended = sampling.stop(kSamplingEnds);
  const bool delivery_ended = delivery.stop(kDeliveryEnds);
  const auto counts = delivery.counts();
  spdlog::info("stopped: {} readings delivered, {} refused, {} dropped for want of room, {} undelivered",
               counts.delivered, counts.rejected + counts.dropped, queue.dropped(), queue.size());
  if (!sampling_ended || !delivery_ended || collectors.has_stuck_worker()) leave(0);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  agent::limit_heap();
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
