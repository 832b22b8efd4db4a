#include "server/auth/password.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "server/auth/secret.h"

namespace hostwatch::auth {
namespace {

constexpr std::ptrdiff_t kLeastCharacters = 10;
constexpr std::size_t kMostBytes = 1024;

/// Of the salt, the text itself goes in: it need not be decoded for that.
std::string derive(std::string_view password, std::string_view salt, const ScryptCost& cost) {
  Digest key{};
  const std::uint64_t n = std::uint64_t{1} << cost.log2_n;
  // OpenSSL refuses more than 32 MiB unless told; the sum is that of RFC 7914 and a little for itself.
  const std::uint64_t most_memory =
      128 * n * cost.r + 128 * std::uint64_t{cost.r} * (cost.p + 2) + (1U << 20U);
  if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), n, cost.r, cost.p, most_memory, key.data(), key.size()) != 1) {
    throw std::runtime_error("the password cannot be hashed: scrypt failed");
  }
  return base64url(key.data(), key.size());
}

std::string head_of(const ScryptCost& cost) {
  return "$scrypt$ln=" + std::to_string(cost.log2_n) + ",r=" + std::to_string(cost.r) +
         ",p=" + std::to_string(cost.p) + "$";
}

/// Code points of UTF-8: bytes that do not continue one (RFC 3629).
std::ptrdiff_t count_characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

/// Takes "name=number" and what stands after it off the text.
bool take_number(std::string_view& text, std::string_view name, unsigned most, unsigned& number) {
  if (!text.starts_with(name)) return false;
  text.remove_prefix(name.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number == 0 || number > most) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) +
                     (end != text.data() + text.size() ? 1 : 0));
  return true;
}

}  // namespace

std::string hash_password(std::string_view password, const ScryptCost& cost) {
  const std::string salt = new_secret().substr(0, 22);  // 132 bits
  return head_of(cost) + salt + "$" + derive(password, salt, cost);
}

std::string unmatched_hash(const ScryptCost& cost) {
  return head_of(cost) + new_secret().substr(0, 22) + "$" + new_secret();
}

bool matches_password(std::string_view password, std::string_view hash) {
  constexpr std::string_view kKind = "$scrypt$";
  if (!hash.starts_with(kKind)) return false;
  hash.remove_prefix(kKind.size());
  ScryptCost cost;
  // Bounds, so that a damaged hash cannot take the machine's memory.
  if (!take_number(hash, "ln=", 20, cost.log2_n) || !take_number(hash, "r=", 16, cost.r) ||
      !take_number(hash, "p=", 16, cost.p)) {
    return false;
  }
  const std::size_t dollar = hash.find('$');
  if (dollar == std::string_view::npos) return false;
  return is_same_secret(derive(password, hash.substr(0, dollar), cost), hash.substr(dollar + 1));
}

std::optional<std::string> why_not_password(std::string_view password) {
  if (count_characters(password) < kLeastCharacters) {
    return "the password must have at least 10 characters";
  }
  if (password.size() > kMostBytes) return "the password must have at most 1024 bytes";
  return std::nullopt;
}

}  // namespace hostwatch::auth
