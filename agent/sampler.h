#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/collectors/collector.h"
#include "protocol/host_facts.h"
#include "protocol/reading.h"

namespace hostwatch::agent {

/// What a Sampler reads from; parameters so that tests need neither a host nor time.
struct SamplerSources {
  std::function<Collected(std::chrono::steady_clock::time_point)> collect;
  std::function<protocol::HostFacts()> read_facts;
  std::function<std::int64_t()> stamp;  ///< Unix seconds, never the same twice: see ReadingClock
};

/// Makes readings of what the collectors find: names them, stamps them, and adds the host's facts when the
/// server needs them.
///
/// sample() and warm_up() are for one thread; want_facts() may be called from any.
class Sampler {
 public:
  /// How often the facts are read again to see whether they changed, and sent again though they did not.
  static constexpr std::chrono::minutes kFactsCheck{5};
  static constexpr std::chrono::hours kFactsRepeat{1};

  Sampler(std::string hostname, std::chrono::seconds interval, SamplerSources sources);

  /// The sample that rates and CPU shares are reckoned from; makes no reading.
  void warm_up(std::chrono::steady_clock::time_point now);

  /// One tick. Nothing if CPU, memory or disk could not be read: a reading must have them. That is logged
  /// when it begins and when it ends.
  std::optional<protocol::Reading> sample(std::chrono::steady_clock::time_point now);

  /// The next reading carries the facts: the server may not know them any more.
  void want_facts() noexcept { facts_wanted_ = true; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  void note_missing(const Collected& collected);
  std::optional<protocol::HostFacts> facts_if_due(Time now);

  const std::string hostname_;
  const std::chrono::seconds interval_;
  const SamplerSources sources_;
  bool incomplete_ = false;

  std::atomic<bool> facts_wanted_ = true;
  std::optional<protocol::HostFacts> facts_;
  Time facts_read_;
  Time facts_sent_;
};

}  // namespace hostwatch::agent
