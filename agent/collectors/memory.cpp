#include "agent/collectors/memory.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "agent/collectors/rates.h"
#include "agent/collectors/scan.h"

namespace hostwatch::agent {
namespace {

using Field = std::optional<std::uint64_t> MemoryInfo::*;

constexpr std::array<std::pair<std::string_view, Field>, 9> kFields{{
    {"MemTotal:", &MemoryInfo::total},
    {"MemFree:", &MemoryInfo::free},
    {"MemAvailable:", &MemoryInfo::available},
    {"Buffers:", &MemoryInfo::buffers},
    {"Cached:", &MemoryInfo::cached},
    {"SReclaimable:", &MemoryInfo::reclaimable},
    {"Shmem:", &MemoryInfo::shared},
    {"SwapTotal:", &MemoryInfo::swap_total},
    {"SwapFree:", &MemoryInfo::swap_free},
}};

std::optional<std::uint64_t> parse_bytes(std::string_view rest) {
  constexpr std::uint64_t kUnit = 1024;
  const auto amount = take_counter(rest);
  if (!amount || take_word(rest) != "kB") return std::nullopt;
  if (*amount > std::numeric_limits<std::uint64_t>::max() / kUnit) return std::nullopt;
  return *amount * kUnit;
}

void add(std::string_view metric, const std::optional<std::uint64_t>& bytes, Collected& into) {
  if (bytes) into.add(metric, "", static_cast<double>(*bytes));
}

}  // namespace

MemoryInfo parse_memory_info(std::string_view text) {
  MemoryInfo info;
  std::string_view line;
  while (take_line(text, line)) {
    const std::string_view key = take_word(line);
    const auto field =
        std::find_if(kFields.begin(), kFields.end(), [&](const auto& known) { return known.first == key; });
    if (field != kFields.end()) info.*(field->second) = parse_bytes(line);
  }
  return info;
}

std::optional<std::uint64_t> available_memory(const MemoryInfo& info) {
  if (!info.total) return std::nullopt;
  // Containers' views of meminfo are known to say more than the total.
  if (info.available) return std::min(*info.available, *info.total);
  if (!info.free) return std::nullopt;
  const std::uint64_t mostly_free =
      *info.free + info.buffers.value_or(0) + info.cached.value_or(0) + info.reclaimable.value_or(0);
  // Shared memory is counted as cached, but cannot be dropped.
  const std::uint64_t shared = std::min(info.shared.value_or(0), mostly_free);
  return std::min(mostly_free - shared, *info.total);
}

MemoryCollector::MemoryCollector(const Roots& roots) : meminfo_(join_path(roots.proc, "/meminfo")) {}

void MemoryCollector::collect(std::chrono::steady_clock::time_point /*now*/, Collected& into) {
  const MemoryInfo info = parse_memory_info(meminfo_.read_required());
  const auto available = available_memory(info);
  if (!available || *info.total == 0) {
    throw CollectorError(meminfo_.path() + ": has no MemTotal, or neither MemAvailable nor MemFree");
  }
  const std::uint64_t used = *info.total - *available;
  into.ram = percent_of(static_cast<double>(used), static_cast<double>(*info.total));
  add("memory_used_bytes", used, into);
  add("memory_available_bytes", available, into);
  add("memory_total_bytes", info.total, into);
  add("memory_free_bytes", info.free, into);
  add("memory_buffers_bytes", info.buffers, into);
  add("memory_cached_bytes", info.cached, into);
  if (info.swap_total && info.swap_free) {
    add("swap_used_bytes", *info.swap_total - std::min(*info.swap_free, *info.swap_total), into);
  }
  add("swap_total_bytes", info.swap_total, into);
}

}  // namespace hostwatch::agent
