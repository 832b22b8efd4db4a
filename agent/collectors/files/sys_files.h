#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/collectors/collector.h"

namespace hostwatch::agent {

/// `inside` ("/block") in sysfs(5) of the watched host: under Roots::sys, or where that is empty under "sys"
/// of its root file system.
std::string sys_path(const Roots& roots, std::string_view inside);

/// True if there is something at `path`; a link counts by what it leads to.
bool is_there(const std::string& path);

/// The first line of a small file; nothing if it cannot be read (a file of sysfs may exist and refuse).
std::optional<std::string> read_first_line(const std::string& path);

/// As read_first_line(), for a file that holds one number.
std::optional<std::int64_t> read_number(const std::string& path);

/// True for a name that is one step of a path: not empty, without a slash, neither "." nor "..".
bool is_path_step(std::string_view name);

}  // namespace hostwatch::agent
