#pragma once

#include "agent/clocks.h"
#include "agent/options.h"

namespace hostwatch::agent {

/// --once: prints one reading as a line of JSON to standard output. Takes SamplingThread::kWarmUp, as rates
/// need two samples. Returns the program's exit status: 1 if there is no reading or it cannot be written,
/// which is logged. Does not return where a source hangs in the kernel: see leave().
int print_once(const Options& options, const Clocks& clocks);

}  // namespace hostwatch::agent
