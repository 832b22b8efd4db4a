#pragma once

#include <string>
#include <string_view>

namespace hostwatch::agent {

/// What a system calls itself: PRETTY_NAME of os-release(5), else NAME and VERSION; empty if the text has
/// none of them. Takes what editors leave behind: a byte order mark, ends of lines of another system, blanks
/// at either end. Never throws but std::bad_alloc.
std::string parse_os_name(std::string_view text);

/// The same of the system whose root directory that is: etc/os-release, or usr/lib/os-release where that is
/// not there or names nothing. Links are meant from that root on. At most 200 bytes, printable.
std::string read_os_name(const std::string& rootfs);

}  // namespace hostwatch::agent
