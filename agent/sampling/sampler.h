#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/collectors/collector.h"
#include "protocol/host_facts.h"
#include "protocol/reading.h"

namespace hostwatch::agent {

/// What a Sampler reads from; parameters so that tests need neither a host nor time.
struct SamplerSources {
  std::function<Collected(std::chrono::steady_clock::time_point)> collect;
  /// Given the samples that the facts will travel with.
  std::function<protocol::HostFacts(const std::vector<protocol::Sample>& sent)> read_facts;
  std::function<std::int64_t()> stamp;  ///< Unix seconds, never the same twice: see ReadingClock
  /// What the host is called now, empty if that is nothing to go by; null where its name was given and stays.
  std::function<std::string()> read_name = nullptr;
  /// Asked once each time that the host is found to have another name than its readings: true if they may
  /// carry it from now on, false if somebody calls set_hostname() when it is time. Null: they always may.
  std::function<bool(const std::string& name)> may_take_name = nullptr;
};

/// Makes readings of what the collectors find: names them, stamps them, and adds the host's facts when the
/// server needs them.
///
/// A host that is renamed has another name in its readings within kFactsCheck; one that had none of its own
/// ("localhost") at the next tick. A name of its own never gives way to none.
///
/// sample() and warm_up() are for one thread; the others may be called from any.
class Sampler {
 public:
  /// How often the facts are read again to see whether they changed, and sent again though they did not.
  static constexpr std::chrono::minutes kFactsCheck{5};
  static constexpr std::chrono::hours kFactsRepeat{1};

  Sampler(std::string hostname, std::chrono::seconds interval, SamplerSources sources);

  /// The sample that rates and CPU shares are reckoned from; makes no reading.
  void warm_up(std::chrono::steady_clock::time_point now);

  /// One tick. A reading must have CPU, memory and disk: where one has no value 0 stands for it, which is
  /// logged when it begins and when it ends. Nothing if neither CPU nor memory is known: then this is no
  /// host's proc.
  std::optional<protocol::Reading> sample(std::chrono::steady_clock::time_point now);

  /// The next reading carries the facts: the server may not know them any more.
  void want_facts() noexcept { facts_wanted_ = true; }

  /// The next reading and all after it carry this name.
  void set_hostname(const std::string& hostname);

 private:
  using Time = std::chrono::steady_clock::time_point;

  void log_missing(const Collected& collected);
  void follow_name(Time now);
  std::string hostname() const;
  std::optional<protocol::HostFacts> facts_if_due(Time now, const std::vector<protocol::Sample>& sent);

  mutable std::mutex name_mutex_;
  std::string hostname_;
  std::string asked_for_;  ///< the name that may_take_name was asked about last
  std::optional<Time> name_read_;

  const std::chrono::seconds interval_;
  const SamplerSources sources_;
  std::string missing_;  ///< names of the values that had none at the last tick

  std::atomic<bool> facts_wanted_ = true;
  std::optional<protocol::HostFacts> facts_;
  Time facts_read_;
  Time facts_sent_;
};

}  // namespace hostwatch::agent
