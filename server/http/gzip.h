#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::http {

/// Why a body could not be inflated.
enum class InflateError { damaged, too_large };

/// Inflates one gzip member (RFC 1952). Stops as soon as more than `max_bytes` would come out: a bomb costs
/// no more. On failure nothing is returned and `error` says why.
std::optional<std::string> inflate_gzip(std::string_view compressed, std::size_t max_bytes,
                                        InflateError& error);

/// Deflates into one gzip member; `level` 1 (fast) to 9 (small).
std::string deflate_gzip(std::string_view text, int level);

}  // namespace hostwatch::http
