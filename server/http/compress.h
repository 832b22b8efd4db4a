#pragma once

#include <cstddef>

#include "server/http/http_server.h"

namespace hostwatch::http {

inline constexpr std::size_t kWorthCompressing = 1400;  ///< less fits into one packet as it is
inline constexpr int kGzipLevel = 1;                    ///< of what is compressed for one answer

/// Whether the client takes gzip.
bool accepts_gzip(const Request& request);

/// Compresses a large answer if the client takes gzip.
void compress(Response& response, const Request& request);

}  // namespace hostwatch::http
