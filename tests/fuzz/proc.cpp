// What the kernel says, or some container's file in its place: the first byte chooses which file it is.
#include "agent/collectors/arc.h"
#include "agent/collectors/cpu.h"
#include "agent/collectors/disks/disk_io.h"
#include "agent/collectors/disks/mounts.h"
#include "agent/collectors/disks/zfs_pools.h"
#include "agent/collectors/facts/os_release.h"
#include "agent/collectors/facts/processor_model.h"
#include "agent/collectors/load.h"
#include "agent/collectors/memory.h"
#include "agent/collectors/network.h"
#include "agent/collectors/pressure.h"
#include "agent/collectors/uptime.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace hostwatch;
using namespace hostwatch::agent;

/// Two readings of a stat, before and after.
void use_of_halves(std::string_view text) {
  const std::size_t half = text.size() / 2;
  const CpuUse use = cpu_use(parse_cpu_stat(text.substr(0, half)), parse_cpu_stat(text.substr(half)));
  if (use.shares) fuzz::must(use.shares->busy >= 0 && use.shares->busy <= 100);
}

void available_is_within_total(std::string_view text) {
  const MemoryInfo info = parse_memory_info(text);
  if (const auto available = available_memory(info)) fuzz::must(available->bytes <= *info.total);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 9) {
    case 0:
      use_of_halves(text);
      break;
    case 1:
      parse_disk_stats(text);
      break;
    case 2:
      parse_load(text);
      break;
    case 3:
      available_is_within_total(text);
      parse_arc_reclaimable(text);
      break;
    case 4: {
      const MountTable table = parse_mount_table(text);
      fuzz::must(visible_mounts(table.mounts).size() <= table.mounts.size());
      zfs_pools(real_mounts(table.mounts));
      break;
    }
    case 5:
      fuzz::must(undo_octal_escapes(text).size() <= text.size());
      break;
    case 6: {
      const InterfaceTable table = parse_interface_table(text);
      fuzz::must(parse_network_stats(table).interfaces.size() <= table.names.size());
      break;
    }
    case 7:
      parse_pressure(text);
      break;
    default:
      parse_uptime(text);
      processor_model(text);
      parse_os_name(text);
  }
  return 0;
}
