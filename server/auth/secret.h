#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace hostwatch::auth {

/// SHA-256 of a secret: what is stored of it. A secret has 256 random bits, so that a plain hash is enough;
/// only passwords, which people choose, need a slow one (password.h).
using Digest = std::array<unsigned char, 32>;

/// Begins every token, so that scanners for leaked secrets know them.
inline constexpr std::string_view kTokenPrefix = "hw_";
/// Begins a token that is good for enrolling a new agent alone, which tells the agent what to do with it.
inline constexpr std::string_view kEnrollmentPrefix = "hwe_";

/// `prefix` and 256 random bits in base64url (RFC 4648, section 5): 43 characters. Throws std::runtime_error
/// if the system has no random numbers.
std::string new_secret(std::string_view prefix = {});

Digest digest_of(std::string_view secret);

/// HMAC-SHA-256 (RFC 2104) in base64url.
std::string keyed_digest(std::string_view key, std::string_view text);

/// Compares in a time that tells nothing of where they differ.
bool is_same_secret(std::string_view a, std::string_view b);

/// Base64url without padding (RFC 4648, section 5).
std::string base64url(const unsigned char* data, std::size_t size);

}  // namespace hostwatch::auth
