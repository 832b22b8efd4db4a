#include "agent/collectors/pressure.h"

#include <exception>

#include "agent/collectors/files/scan.h"

namespace hostwatch::agent {
namespace {

std::optional<std::uint64_t> parse_total(std::string_view line) {
  constexpr std::string_view kKey = "total=";
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    if (word.starts_with(kKey)) return to_number<std::uint64_t>(word.substr(kKey.size()));
  }
  return std::nullopt;
}

void add_share(std::string_view metric, std::string_view resource, const std::optional<std::uint64_t>& before,
               const std::optional<std::uint64_t>& after, double seconds, Collected& into) {
  if (!before || !after) return;
  if (const auto share = share_of_time(*before, *after, 1e6, seconds)) into.add(metric, resource, *share);
}

}  // namespace

PressureTotals parse_pressure(std::string_view text) {
  PressureTotals totals;
  std::string_view line;
  while (take_line(text, line)) {
    const std::string_view key = take_word(line);
    if (key == "some") totals.some = parse_total(line);
    if (key == "full") totals.full = parse_total(line);
  }
  return totals;
}

PressureCollector::PressureCollector(const Roots& roots)
    : resources_{{{"cpu", false, ProcFile(join_path(roots.proc, "/pressure/cpu")), {}},
                  {"memory", true, ProcFile(join_path(roots.proc, "/pressure/memory")), {}},
                  {"io", true, ProcFile(join_path(roots.proc, "/pressure/io")), {}}}} {}

void PressureCollector::collect_resource(Resource& resource, std::chrono::steady_clock::time_point now,
                                         Collected& into) {
  const auto text = resource.file.read();
  if (!text) return;
  const PressureTotals totals = parse_pressure(*text);
  if (const auto seconds = resource.previous.seconds_until(now)) {
    const PressureTotals& before = resource.previous.counters();
    add_share("pressure_some_percent", resource.name, before.some, totals.some, *seconds, into);
    if (resource.has_full) {
      add_share("pressure_full_percent", resource.name, before.full, totals.full, *seconds, into);
    }
  }
  if (totals.some || totals.full) resource.previous.keep(now, totals);
  if (!totals.some) {
    throw CollectorError(resource.file.path() + ": has no line 'some' that can be understood");
  }
}

void PressureCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  std::exception_ptr failure;
  for (Resource& resource : resources_) {
    try {
      collect_resource(resource, now, into);
    } catch (const CollectorError&) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hostwatch::agent
