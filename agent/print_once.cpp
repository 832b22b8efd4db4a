#include "agent/print_once.h"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <string>
#include <thread>

#include "agent/host_sampler.h"
#include "agent/leave.h"
#include "agent/sampling/sampling_thread.h"
#include "protocol/encode.h"

namespace hostwatch::agent {

int print_once(const Options& options, const Clocks& clocks) {
  CollectorSet collectors = make_collector_set(options, clocks);
  Sampler sampler = make_host_sampler(options, collectors, clocks.unix_seconds);
  sampler.warm_up(clocks.steady());
  std::this_thread::sleep_for(SamplingThread::kWarmUp);  // rates are over a time: this is that time
  const auto reading = sampler.sample(clocks.steady());
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

}  // namespace hostwatch::agent
