#include "util/text/percent_encoding.h"

#include <algorithm>
#include <charconv>

namespace hostwatch::util {

std::string percent_decoded(std::string_view text) {
  constexpr std::size_t kDigits = 2;
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view digits = text.substr(at + 1, kDigits);
    unsigned byte = 0;
    const bool is_encoded =
        text[at] == '%' && digits.size() == kDigits &&
        std::from_chars(digits.data(), digits.data() + kDigits, byte, 16).ptr == digits.data() + kDigits;
    decoded += is_encoded ? static_cast<char>(byte) : text[at];
    if (is_encoded) at += kDigits;
  }
  return decoded;
}

std::string form_decoded(std::string_view text) {
  std::string with_blanks(text);
  std::replace(with_blanks.begin(), with_blanks.end(), '+', ' ');
  return percent_decoded(with_blanks);
}

}  // namespace hostwatch::util
