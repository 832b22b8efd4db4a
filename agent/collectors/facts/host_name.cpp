#include "agent/collectors/facts/host_name.h"

#include <unistd.h>

#include <array>

#include "util/files/small_file.h"

namespace hostwatch::agent {
namespace {

/// What Linux calls a machine that nobody has named (CONFIG_DEFAULT_HOSTNAME).
constexpr std::string_view kUnnamed = "(none)";

std::string name_or_none(std::string name) {
  if (name == kUnnamed) name.clear();
  return name;
}

}  // namespace

std::string own_host_name(const std::string& proc_root) {
  constexpr std::size_t kMaxBytes = 4'096;
  if (const auto text = util::read_small_file(proc_root + "/sys/kernel/hostname", kMaxBytes)) {
    // Also where the kernel has no name: gethostname(2) would be that of our own container.
    return name_or_none(util::trim(*text));
  }
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name_or_none(util::trim(name.data()));
}

bool is_stand_in_name(std::string_view name) {
  return name.empty() || name == kUnnamed || name == kNoNameOfItsOwn || name == "localhost.localdomain";
}

}  // namespace hostwatch::agent
