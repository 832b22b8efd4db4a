#include "agent/collectors/memory.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "agent/collectors/files/scan.h"
#include "agent/collectors/rates.h"

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

void note_fallback(AvailableBy by, FallbackLog::Time now, FallbackLog& log) {
  switch (by) {
    case AvailableBy::kernel:
      break;
    case AvailableBy::estimate:
      log.note(now,
               "meminfo has no MemAvailable: it is MemFree, Buffers, Cached and SReclaimable less Shmem");
      break;
    case AvailableBy::mistrust:
      log.note(now,
               "MemAvailable is more than MemTotal, so it is MemFree, Buffers, Cached and SReclaimable less "
               "Shmem that count");
      break;
    case AvailableBy::free_alone:
      log.note(now, "what meminfo says of caches is more than MemTotal, so it is MemFree that counts");
      break;
  }
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

std::optional<AvailableMemory> available_memory(const MemoryInfo& info) {
  if (!info.total) return std::nullopt;
  // Views of meminfo in containers are known to say more than the total.
  const bool is_too_much = info.available && *info.available > *info.total;
  if (info.available && !is_too_much) return AvailableMemory{*info.available, AvailableBy::kernel};
  const AvailableBy instead = is_too_much ? AvailableBy::mistrust : AvailableBy::estimate;
  // The most that can be true, where nothing else is known.
  if (!info.free && is_too_much) return AvailableMemory{*info.total, instead};
  if (!info.free) return std::nullopt;
  std::uint64_t mostly_free = *info.free;
  for (const auto& part : {info.buffers, info.cached, info.reclaimable}) {
    // Past the total it makes no difference any more, and cannot overflow.
    mostly_free += std::min(part.value_or(0), std::numeric_limits<std::uint64_t>::max() - mostly_free);
  }
  // Shared memory is counted as cached, but cannot be dropped.
  mostly_free -= std::min(info.shared.value_or(0), mostly_free);
  if (mostly_free <= *info.total) return AvailableMemory{mostly_free, instead};
  return AvailableMemory{std::min(*info.free, *info.total), AvailableBy::free_alone};
}

MemoryCollector::MemoryCollector(const Roots& roots) : MemoryCollector(roots, is_proc_of_container(roots)) {}

MemoryCollector::MemoryCollector(const Roots& roots, bool in_container)
    : meminfo_(join_path(roots.proc, "/meminfo")), arc_(roots, in_container) {}

/// Statistics of ZFS that cannot be read are no reason to say nothing of the rest.
std::uint64_t MemoryCollector::arc_reclaimable(std::chrono::steady_clock::time_point now,
                                               std::exception_ptr& failure) {
  try {
    return arc_.reclaimable(now);
  } catch (const CollectorError&) {
    failure = std::current_exception();
    return 0;
  }
}

std::uint64_t MemoryCollector::without_arc(std::uint64_t used, FallbackLog::Time now,
                                           std::exception_ptr& failure) {
  const std::uint64_t reclaimable = arc_reclaimable(now, failure);
  if (reclaimable == 0 || reclaimable < used) return used - reclaimable;
  // No machine uses nothing.
  fallback_log_.note(
      now, "the ZFS cache is as large as all that is used, so it is another machine's, and not taken off");
  return used;
}

void MemoryCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  const MemoryInfo info = parse_memory_info(meminfo_.read_required());
  const auto available = available_memory(info);
  std::exception_ptr failure;
  if (available && *info.total != 0) {
    note_fallback(available->by, now, fallback_log_);
    const std::uint64_t used = without_arc(*info.total - available->bytes, now, failure);
    into.ram = percent_of(static_cast<double>(used), static_cast<double>(*info.total));
    add("memory_used_bytes", used, into);
    add("memory_available_bytes", *info.total - used, into);
  }
  add("memory_total_bytes", info.total, into);
  add("memory_free_bytes", info.free, into);
  add("memory_buffers_bytes", info.buffers, into);
  add("memory_cached_bytes", info.cached, into);
  if (info.swap_total && info.swap_free) {
    add("swap_used_bytes", *info.swap_total - std::min(*info.swap_free, *info.swap_total), into);
  }
  add("swap_total_bytes", info.swap_total, into);
  if (!into.ram) {
    throw CollectorError(meminfo_.path() + ": has no MemTotal, or neither MemAvailable nor MemFree");
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hostwatch::agent
