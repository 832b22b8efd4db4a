#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::auth {

/// What scrypt (RFC 7914) may cost: 128 * r * 2^log2_n bytes of memory, p times over. The default is one of
/// those that OWASP's Password Storage Cheat Sheet names: 32 MiB, about 0.2 s.
struct ScryptCost {
  unsigned log2_n = 15;
  unsigned r = 8;
  unsigned p = 3;
};

/// "$scrypt$ln=15,r=8,p=3$salt$hash": scrypt of the password with a salt of its own. Takes the time and
/// memory of `cost`. Throws std::runtime_error if the library fails.
std::string hash_password(std::string_view password, const ScryptCost& cost = {});

/// What no password matches, and what comparing with takes as long: for a user that is not there.
std::string unmatched_hash(const ScryptCost& cost);

/// True if `hash` was made of `password`. Takes as long for a wrong one; a hash that is damaged matches
/// nothing.
bool matches_password(std::string_view password, std::string_view hash);

/// Why a password cannot be taken (at least 10 characters of UTF-8, at most 1,024 bytes), or nothing if it
/// can.
std::optional<std::string> why_not_password(std::string_view password);

}  // namespace hostwatch::auth
