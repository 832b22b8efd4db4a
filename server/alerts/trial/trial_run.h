#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/alerts/rules/rule.h"
#include "server/alerts/trial/trial.h"
#include "server/storage/store.h"

namespace hostwatch::alerts {

/// Opens the store of a test: the same one each time, as at a restart.
using OpenTrialStore = std::function<std::unique_ptr<storage::Store>()>;

/// Runs a test: its readings come to the engine of the server, with a clock that ticks each second of the
/// test, and messages to one channel that are counted. Gives what is not as expected, a line each; none: it
/// passed. The store must be empty. Throws StoreError.
std::vector<std::string> run_trial(const Trial& trial, const std::vector<Rule>& rules,
                                   const OpenTrialStore& open);

}  // namespace hostwatch::alerts
