#include "agent/collectors/files/sys_files.h"

#include <sys/stat.h>

#include <exception>

#include "agent/collectors/files/proc_file.h"
#include "agent/collectors/files/scan.h"

namespace hostwatch::agent {

std::string sys_path(const Roots& roots, std::string_view inside) {
  return (roots.sys.empty() ? join_path(roots.rootfs, "/sys") : join_path(roots.sys, "")) +
         std::string(inside);
}

bool is_there(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

std::optional<std::string> read_first_line(const std::string& path) {
  try {
    ProcFile file(path);
    if (const auto text = file.read()) return std::string(text->substr(0, text->find('\n')));
  } catch (const std::exception&) {  // what cannot be read is not known
  }
  return std::nullopt;
}

std::optional<std::int64_t> read_number(const std::string& path) {
  const auto line = read_first_line(path);
  return line ? to_number<std::int64_t>(*line) : std::nullopt;
}

bool is_path_step(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

}  // namespace hostwatch::agent
