#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agent/clocks.h"
#include "agent/collectors/collector_set.h"
#include "agent/collectors/own_metrics.h"
#include "agent/options.h"
#include "agent/sampling/sampler.h"

namespace hostwatch::agent {

/// The collectors that the options choose. `own_figures`: see CollectorContext.
CollectorSet make_collector_set(const Options& options, const Clocks& clocks,
                                std::function<OwnFigures()> own_figures = nullptr);

/// A sampler of the host that the options name, over `collectors`, which must outlive it. `stamp` and
/// `may_take_name`: see SamplerSources.
Sampler make_host_sampler(const Options& options, CollectorSet& collectors,
                          std::function<std::int64_t()> stamp,
                          std::function<bool(const std::string&)> may_take_name = nullptr);

}  // namespace hostwatch::agent
