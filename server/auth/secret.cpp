#include "server/auth/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdint>
#include <stdexcept>

namespace hostwatch::auth {

std::string base64url(const unsigned char* data, std::size_t size) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve((size * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits = bits << 8U | data[i];
    for (count += 8; count >= 6; count -= 6) out += kLetters[bits >> (count - 6) & 63U];
  }
  if (count > 0) out += kLetters[bits << (6 - count) & 63U];
  return out;
}

std::string new_secret(std::string_view prefix) {
  std::array<unsigned char, 32> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw std::runtime_error("the system gives no random numbers to make a secret of");
  }
  return std::string(prefix) + base64url(random.data(), random.size());
}

Digest digest_of(std::string_view secret) {
  Digest digest{};
  unsigned size = 0;
  if (EVP_Digest(secret.data(), secret.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return digest;
}

std::string keyed_digest(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
           &size) == nullptr) {
    throw std::runtime_error("HMAC failed");
  }
  return base64url(digest.data(), digest.size());
}

bool is_same_secret(std::string_view a, std::string_view b) {
  // The length is no secret: ours all have the same.
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace hostwatch::auth
