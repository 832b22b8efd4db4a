// What the kernel says, or some container's file in its place: the first byte chooses which file it is.
#include "agent/collectors/cpu.h"
#include "agent/collectors/disk_io.h"
#include "agent/collectors/load.h"
#include "agent/collectors/memory.h"
#include "agent/collectors/mounts.h"
#include "agent/collectors/network.h"
#include "agent/collectors/pressure.h"
#include "agent/collectors/uptime.h"
#include "agent/collectors/zfs_pools.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  using namespace hostwatch::agent;
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 9) {
    case 0:
      parse_cpu_stat(text);
      break;
    case 1:
      parse_disk_stats(text);
      break;
    case 2:
      parse_load(text);
      break;
    case 3:
      parse_memory_info(text);
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
    case 6:
      fuzz::must(parse_network_stats(text).interfaces.size() <= interface_names(text).size());
      break;
    case 7:
      parse_pressure(text);
      break;
    default:
      parse_uptime(text);
  }
  return 0;
}
