#pragma once

#include <string_view>

namespace hostwatch::http {

/// A request line's target, taken apart (RFC 9112, 3.2): "http://name:5000/health?x" in absolute form, or
/// "/health?x" in origin form, which has no authority.
struct RequestTarget {
  std::string_view authority;  ///< as it stands, see is_authority()
  std::string_view path;       ///< with the query, if there is one; empty: it is of neither form
};

/// Pure; refers to `text`.
RequestTarget target_of(std::string_view text);

/// True for a name or an address, and perhaps a port; not with a user's name (RFC 9110, 4.2.4).
bool is_authority(std::string_view text);

}  // namespace hostwatch::http
