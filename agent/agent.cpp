#include "agent/agent.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "agent/collectors/facts/host_name.h"
#include "agent/collectors/own_metrics.h"
#include "agent/host_sampler.h"
#include "util/files/file_access.h"
#include "util/files/rooted_file.h"
#include "util/files/small_file.h"

namespace hostwatch::agent {
namespace {

using namespace std::chrono_literals;

/// What stopping may take: 5 s in all, with some to spare.
constexpr auto kSamplingEnds = 300ms;
constexpr auto kDeliveryEnds = 4'300ms;

DeliverySettings delivery_settings(const Options& options, const std::string& identity, bool has_folder) {
  DeliverySettings settings;
  settings.url = options.server_url;
  settings.tls = options.tls;
  settings.credential = {options.token, options.token_file, has_folder ? options.spool + "/token" : "",
                         options.server_url.text(), options.hostname};
  settings.identity = identity;
  settings.send_offset = send_offset(options.hostname, options.interval);
  return settings;
}

void warn_of_readable_secrets(const Options& options) {
  for (const auto& [option, file] :
       {std::pair("--token-file", options.token_file), std::pair("--client-key", options.tls.key)}) {
    if (!file.empty() && util::is_readable_by_all(file)) {
      spdlog::warn("{} '{}' can be read by every user of this machine (chmod o-r)", option, file);
    }
  }
}

/// The spool's folder; none if the default one is another agent's, or not for us alone: then everything stays
/// in memory.
std::unique_ptr<SpoolFolder> open_folder(const Options& options) {
  if (options.spool.empty()) {
    spdlog::warn("there is no folder to keep undelivered readings in (--spool): they are kept in memory");
    return nullptr;
  }
  try {
    return std::make_unique<SpoolFolder>(options.spool);
  } catch (const SpoolInUse& error) {
    if (options.spool_given) throw;
    spdlog::warn("{}: undelivered readings are kept in memory", error.what());
    return nullptr;
  } catch (const SpoolNotPrivate& error) {
    if (options.spool_given) throw;
    spdlog::warn("{}: undelivered readings are kept in memory", error.what());
    return nullptr;
  }
}

/// Of the watched machine, see machine-id(5); empty if it has none.
std::string machine_id(const Options& options) {
  constexpr std::size_t kMaxBytes = 256;
  return util::trim(util::read_in_root(options.roots.rootfs, "/etc/machine-id", kMaxBytes).value_or(""));
}

SpoolSettings spool_settings(const Options& options, bool has_folder) {
  SpoolSettings settings;
  if (has_folder) settings.folder = options.spool;
  settings.max_bytes = options.spool_max_bytes;
  settings.segment_bytes = std::min<std::size_t>(settings.segment_bytes, settings.max_bytes / 8);
  return settings;
}

/// Says, once a reading's size is known, how long an outage the spool outlasts.
void log_capacity(const Options& options, const Spool& spool) {
  if (spool.statistics().in_memory) return;
  const double readings =
      static_cast<double>(options.spool_max_bytes) / static_cast<double>(spool.record_bytes());
  const double days = readings * static_cast<double>(options.interval.count()) / 86'400;
  spdlog::info("the spool '{}' has room for {} MiB: {:.1f} days of readings of {} bytes", options.spool,
               options.spool_max_bytes >> 20U, days, spool.record_bytes());
}

}  // namespace

Agent::Agent(const Options& options, Clocks clocks)
    : options_(options),
      clocks_(std::move(clocks)),
      folder_(open_folder(options)),
      state_(folder_ ? folder_->load(machine_id(options)) : new_agent_state({})),
      spool_(spool_settings(options, folder_ != nullptr)),
      clock_(clocks_.unix_seconds, std::max(state_.last_timestamp, spool_.newest_found())),
      collectors_(make_collector_set(options, clocks_, [this] { return own_figures(); })),
      sampler_(make_host_sampler(
          options, collectors_, [this] { return clock_.stamp(clocks_.boot_time()); },
          [this](const std::string& name) {
            delivery_->take_name(name);
            return false;  // delivery says when
          })) {}

void Agent::start() {
  delivery_.emplace(
      spool_, delivery_settings(options_, state_.identity, folder_ != nullptr),
      DeliveryHooks{[this] { return zero_to_one_(generator_); }, clocks_.unix_seconds,
                    [this] { sampler_.want_facts(); },
                    [this](std::int64_t time) { clock_.server_said(time, clocks_.boot_time()); },
                    [this](const std::string& name) { sampler_.set_hostname(name); }});
  sampling_.emplace(sampler_, options_.interval, [this](const protocol::Reading& reading) { take(reading); });

  spdlog::info("hostwatch-agent " HOSTWATCH_VERSION " on '{}', a reading every {} s", options_.hostname,
               options_.interval.count());
  if (!options_.hostname_given && is_stand_in_name(options_.hostname)) {
    spdlog::warn("this host has no name of its own: it is shown as '{}', as others may be, until it has one",
                 options_.hostname);
  }
  warn_of_readable_secrets(options_);
}

bool Agent::stop() {
  const bool sampling_ended = sampling_->stop(kSamplingEnds);
  const bool delivery_ended = delivery_->stop(kDeliveryEnds);
  state_.last_timestamp = clock_.last();
  if (folder_) folder_->save(state_);
  const DeliveryCounts counts = delivery_->counts();
  const auto spool = spool_.statistics();
  spdlog::info("stopped: {} readings delivered, {} refused, {} dropped for want of room, {} {}",
               counts.delivered, counts.rejected + counts.dropped, spool.dropped, spool.waiting,
               spool.in_memory ? "lost with the memory" : "in the spool");
  return sampling_ended && delivery_ended && !collectors_.has_stuck_worker();
}

OwnFigures Agent::own_figures() const {
  const DeliveryCounts counts = delivery_->counts();
  const auto spool = spool_.statistics();
  return {spool.waiting, spool.dropped, counts.rejected + counts.dropped, spool.damaged};
}

void Agent::take(const protocol::Reading& reading) {
  spool_.push(reading);
  spdlog::debug("reading {} in the spool", reading.timestamp);
  if (!std::exchange(capacity_logged_, true)) log_capacity(options_, spool_);
  delivery_->cancel_overdue_request(clocks_.steady());
}

}  // namespace hostwatch::agent
