#pragma once

#include <memory>
#include <optional>
#include <random>

#include "agent/clocks.h"
#include "agent/collectors/collector_set.h"
#include "agent/delivery/delivery.h"
#include "agent/options.h"
#include "agent/sampling/reading_clock.h"
#include "agent/sampling/sampler.h"
#include "agent/sampling/sampling_thread.h"
#include "agent/spool/spool.h"
#include "agent/spool/spool_folder.h"
#include "protocol/reading.h"

namespace hostwatch::agent {

/// The parts of the agent, in the order in which the data goes through them: collectors, sampler, spool,
/// delivery. Its functions are for one thread; start() begins two of its own, stop() ends them.
class Agent {
 public:
  /// Opens the spool. Throws SpoolInUse or SpoolNotPrivate if it is a folder that was asked for; one that
  /// would be used by default is logged and does without. `options` must outlive this.
  Agent(const Options& options, Clocks clocks);

  /// Begins to deliver what the spool holds, and to sample. Once.
  void start();

  /// The token and the certificates are read again before the next request. After start().
  void read_files_again() { delivery_->read_files_again(); }

  /// Ends both threads, saves what the next life needs and logs what was delivered; takes less than 5 s.
  /// After start(), once. False if a part hangs in the kernel or in the resolver: destroying this object
  /// would wait with it, and the program should leave().
  bool stop();

 private:
  OwnFigures own_figures() const;
  void take(const protocol::Reading& reading);

  const Options& options_;
  const Clocks clocks_;
  std::unique_ptr<SpoolFolder> folder_;  ///< null: all is kept in memory
  AgentState state_;
  Spool spool_;
  ReadingClock clock_;
  CollectorSet collectors_;
  Sampler sampler_;
  std::minstd_rand generator_{std::random_device{}()};  ///< of delivery's thread
  std::uniform_real_distribution<double> zero_to_one_{0.0, 1.0};
  bool capacity_logged_ = false;  ///< of the sampling thread
  std::optional<Delivery> delivery_;
  std::optional<SamplingThread> sampling_;  // last: ends before what it uses goes
};

}  // namespace hostwatch::agent
