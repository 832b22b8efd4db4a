#include "agent/host_name.h"

#include <unistd.h>

#include <array>

#include "agent/small_file.h"

namespace hostwatch::agent {

std::string own_host_name(const std::string& proc_root) {
  if (const auto text = read_small_file(proc_root + "/sys/kernel/hostname", 4'096)) {
    const std::string name = trim(*text);
    if (!name.empty()) return name;
  }
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return trim(name.data());
}

}  // namespace hostwatch::agent
