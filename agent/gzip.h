#pragma once

#include <string>
#include <string_view>

namespace hostwatch::agent {

/// The text as gzip (RFC 1952), by zlib at its fastest level: JSON shrinks to a tenth. Throws std::bad_alloc.
std::string gzip(std::string_view text);

}  // namespace hostwatch::agent
