#include "agent/collectors/facts/facts.h"

#include <sys/utsname.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "agent/collectors/cpu.h"
#include "agent/collectors/facts/os_release.h"
#include "agent/collectors/facts/processor_model.h"
#include "agent/collectors/files/proc_file.h"
#include "agent/collectors/files/scan.h"
#include "agent/collectors/memory.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMaxTextBytes = 200;

std::string printable(std::string_view text) {
  return util::make_printable(text, kMaxTextBytes);
}

/// The text with a newline at its end, so that its last line counts: here a line that was cut off does no
/// harm.
std::string read_text(const std::string& path) {
  try {
    ProcFile file(path);
    if (const auto text = file.read()) return std::string(*text) + '\n';
  } catch (const std::exception&) {  // what cannot be read stays unknown
  }
  return {};
}

/// As many as have a line of their own in stat. Where cpuinfo lists more, stat was cut short for us.
std::int64_t count_cores(std::string_view stat, std::string_view cpuinfo) {
  return static_cast<std::int64_t>(std::max(parse_cpu_stat(stat).cores.size(), processors_listed(cpuinfo)));
}

std::int64_t read_boot_time(std::string_view text) {
  std::string_view line;
  while (take_line(text, line)) {
    if (!line.starts_with("btime")) continue;
    take_word(line);
    return to_number<std::int64_t>(take_word(line)).value_or(0);
  }
  return 0;
}

}  // namespace

protocol::HostFacts read_facts(const Roots& roots) {
  protocol::HostFacts facts;
  facts.os = read_os_name(roots.rootfs);
  const std::string release = read_text(join_path(roots.proc, "/sys/kernel/osrelease"));
  facts.kernel = printable(std::string_view(release).substr(0, release.find('\n')));
  // A host and its containers run on one kernel: no root is needed to know its architecture.
  struct utsname system {};
  if (::uname(&system) == 0) facts.architecture = printable(system.machine);
  const std::string cpuinfo = read_text(join_path(roots.proc, "/cpuinfo"));
  const std::string stat = read_text(join_path(roots.proc, "/stat"));
  facts.cpu_model = printable(processor_model(cpuinfo));
  facts.cpu_cores = count_cores(stat, cpuinfo);
  const MemoryInfo memory = parse_memory_info(read_text(join_path(roots.proc, "/meminfo")));
  facts.memory_bytes = static_cast<std::int64_t>(memory.total.value_or(0));
  facts.boot_time = read_boot_time(stat);
  facts.agent_version = HOSTWATCH_VERSION;
  return facts;
}

}  // namespace hostwatch::agent
