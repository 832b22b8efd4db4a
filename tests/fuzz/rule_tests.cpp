// A file of tests of rules: what is wrong has a line and a reason.
#include "server/alerts/trial/trial.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch::alerts;
  using hostwatch::fuzz::must;
  const auto read = read_trial_file(hostwatch::fuzz::text_of(data, size));
  if (const auto* fault = std::get_if<TrialFault>(&read)) {
    must(fault->line >= 1 && !fault->text.empty());
    return 0;
  }
  const auto& file = std::get<TrialFile>(read);
  must(!file.trials.empty());
  for (const Trial& trial : file.trials) {
    must(!trial.name.empty() && trial.interval >= 1);
    for (const TrialHost& host : trial.hosts) {
      for (const TrialSeries& series : host.series) {
        must(!series.values.empty() && series.values.size() <= kMostTrialValues);
      }
    }
  }
  return 0;
}
