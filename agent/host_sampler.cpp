#include "agent/host_sampler.h"

#include <utility>
#include <vector>

#include "agent/collectors/facts/facts.h"
#include "agent/collectors/facts/host_name.h"
#include "agent/collectors/facts/repeated_facts.h"
#include "agent/collectors/registry.h"
#include "protocol/names.h"

namespace hostwatch::agent {
namespace {

/// What the host is called now, empty where that is no name that a server would take.
std::function<std::string()> name_reader(const std::string& proc_root) {
  return [proc_root] {
    std::string name = own_host_name(proc_root);
    return protocol::why_not_host_name(name) ? std::string() : name;
  };
}

}  // namespace

CollectorSet make_collector_set(const Options& options, const Clocks& clocks,
                                std::function<OwnFigures()> own_figures) {
  const bool measured = is_chosen(options.collectors, kCollectorDurations);
  return CollectorSet(make_collectors(options.collectors, {options.roots, std::move(own_figures)}),
                      measured ? clocks.steady : nullptr);
}

Sampler make_host_sampler(const Options& options, CollectorSet& collectors,
                          std::function<std::int64_t()> stamp,
                          std::function<bool(const std::string&)> may_take_name) {
  std::function<std::string()> read_name;  // of a name that was given there is nothing to read
  if (!options.hostname_given) read_name = name_reader(options.roots.proc);
  return Sampler(options.hostname, options.interval,
                 {[&collectors](auto now) { return collectors.collect(now); },
                  [roots = options.roots, tags = options.tags](const std::vector<protocol::Sample>& sent) {
                    protocol::HostFacts facts = read_facts(roots);
                    facts.tags = tags;
                    read_repeated_instances(roots, sent, facts);
                    return facts;
                  },
                  std::move(stamp), std::move(read_name), std::move(may_take_name)});
}

}  // namespace hostwatch::agent
