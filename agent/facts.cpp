#include "agent/facts.h"

#include <sys/utsname.h>

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "agent/collectors/memory.h"
#include "agent/collectors/proc_file.h"
#include "agent/collectors/scan.h"
#include "protocol/text.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMaxTextBytes = 200;

std::string printable(std::string_view text) {
  return protocol::make_printable(text, kMaxTextBytes);
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

/// A value as a shell would read it: in double or single quotes, or bare (os-release(5)).
std::string unquote(std::string_view value) {
  const char quote = value.empty() ? '\0' : value.front();
  const bool quoted = (quote == '"' || quote == '\'') && value.size() >= 2 && value.back() == quote;
  if (quoted) value = value.substr(1, value.size() - 2);
  std::string result;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && quote != '\'' && i + 1 < value.size()) ++i;
    result += value[i];
  }
  return result;
}

std::string read_os(const std::string& rootfs) {
  std::string text = read_text(join_path(rootfs, "/etc/os-release"));
  if (text.empty()) text = read_text(join_path(rootfs, "/usr/lib/os-release"));
  std::string pretty;
  std::string name;
  std::string version;
  std::string_view rest = text;
  std::string_view line;
  while (take_line(rest, line)) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (key == "PRETTY_NAME") pretty = unquote(value);
    if (key == "NAME") name = unquote(value);
    if (key == "VERSION") version = unquote(value);
  }
  if (!pretty.empty()) return printable(pretty);
  return printable(version.empty() ? name : name + " " + version);
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Counts processors and finds what they are called: "model name" nearly everywhere, "cpu" on POWER, and the
/// board's "Hardware" or "Model" on ARM, whose kernels do not name the processor.
void read_processors(std::string_view text, protocol::HostFacts& into) {
  std::string_view model;
  std::string_view board;
  std::string_view line;
  while (take_line(text, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    // "processor : 0", and on s390x "processor 0: version = ..."
    if (key == "processor" || key.starts_with("processor ")) ++into.cpu_cores;
    if (model.empty() && (key == "model name" || key == "Model Name" || key == "cpu")) model = value;
    if (board.empty() && (key == "Hardware" || key == "Model")) board = value;
  }
  into.cpu_model = printable(model.empty() ? board : model);
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
  facts.os = read_os(roots.rootfs);
  const std::string release = read_text(join_path(roots.proc, "/sys/kernel/osrelease"));
  facts.kernel = printable(std::string_view(release).substr(0, release.find('\n')));
  // A host and its containers run on one kernel: no root is needed to know its architecture.
  struct utsname system {};
  if (::uname(&system) == 0) facts.architecture = printable(system.machine);
  read_processors(read_text(join_path(roots.proc, "/cpuinfo")), facts);
  const MemoryInfo memory = parse_memory_info(read_text(join_path(roots.proc, "/meminfo")));
  facts.memory_bytes = static_cast<std::int64_t>(memory.total.value_or(0));
  facts.boot_time = read_boot_time(read_text(join_path(roots.proc, "/stat")));
  facts.agent_version = HOSTWATCH_VERSION;
  return facts;
}

}  // namespace hostwatch::agent
