#include "server/delivery/mail_text.h"

#include <algorithm>
#include <array>

#include "server/delivery/base64.h"
#include "server/delivery/notice_text.h"
#include "util/files/small_file.h"

namespace hostwatch::delivery {
namespace {

constexpr std::size_t kMostLine = 76;
/// Of an encoded word, which has 75 characters at most: "=?UTF-8?B?" + 4 for 3 + "?=".
constexpr std::size_t kWordBytes = 36;

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; });
}

/// How many bytes of it make whole characters, `most` at most and one character at least.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return end == 0 ? most : end;
}

std::string encoded_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t size = whole_characters(text, kWordBytes);
    words += (words.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return words;
}

/// Folds before blanks: what is behind the fold begins with one, and is never blank alone.
std::string folded(const std::string& line) {
  std::string text;
  std::size_t begin = 0;
  while (line.size() - begin > kMostLine) {
    const std::size_t first = line.find_first_not_of(' ', begin);
    std::size_t blank = line.rfind(' ', begin + kMostLine);
    if (blank == std::string::npos || blank <= first ||
        line.find_first_not_of(' ', blank) == std::string::npos) {
      blank = line.find(' ', begin + kMostLine);
      if (blank == std::string::npos || line.find_first_not_of(' ', blank) == std::string::npos) break;
    }
    text += line.substr(begin, blank - begin) + "\r\n";
    begin = blank;
  }
  return text + line.substr(begin) + "\r\n";
}

std::string hexadecimal(char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  return {'=', kDigits[value >> 4U], kDigits[value & 15U]};
}

void append_quoted_line(std::string& out, std::string_view line) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool is_last = i + 1 == line.size();
    const bool is_blank = c == ' ' || c == '\t';
    const bool is_printable = (c > ' ' && c < 0x7F && c != '=') || (is_blank && !is_last);
    const bool is_delicate = column == 0 && (c == '.' || line.substr(i).starts_with("From "));
    const std::string piece = is_printable && !is_delicate ? std::string(1, c) : hexadecimal(c);
    if (column + piece.size() > kMostLine - 1) {
      out += "=\r\n";
      column = 0;
      // What begins the new line is as delicate as what began the old one.
      const bool is_now_delicate = c == '.' || line.substr(i).starts_with("From ");
      out += is_now_delicate ? hexadecimal(c) : piece;
      column = is_now_delicate ? 3 : piece.size();
      continue;
    }
    out += piece;
    column += piece.size();
  }
  out += "\r\n";
}

}  // namespace

std::string mail_header(const std::string& name, std::string_view text) {
  const std::string line = one_line(text, 800);
  // What looks like an encoded word would be decoded.
  if (!is_plain_ascii(line) || line.find("=?") != std::string::npos) {
    return name + ": " + encoded_words(line) + "\r\n";
  }
  const std::size_t longest = [&line] {
    std::size_t most = 0;
    std::size_t since = 0;
    for (const char c : line) most = std::max(most, since = c == ' ' ? 0 : since + 1);
    return most;
  }();
  if (longest > kMostLine - name.size() - 2) return name + ": " + encoded_words(line) + "\r\n";
  return folded(name + ": " + line);
}

std::string mail_header_of_words(const std::string& name, const std::vector<std::string>& words,
                                 const std::string& separator) {
  std::string text = name + ":";
  std::size_t column = text.size();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? separator : "");
    if (i > 0 && column + 1 + word.size() > kMostLine) {
      text += "\r\n";
      column = 0;
    }
    text += " " + word;
    column += 1 + word.size();
  }
  return text + "\r\n";
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    append_quoted_line(out, text.substr(0, end));
    text.remove_prefix(end);
    if (text.starts_with("\r\n")) {
      text.remove_prefix(2);
    } else if (!text.empty()) {
      text.remove_prefix(1);
    }
  }
  return out;
}

bool is_mail_address(std::string_view text) {
  constexpr std::string_view kLocalMarks = ".!#$%&'*+/=?^_`{|}~-";
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  const bool is_local = std::all_of(local.begin(), local.end(), [&](char c) {
    return is_letter_or_digit(c) || kLocalMarks.find(c) != std::string_view::npos;
  });
  const bool is_domain = !domain.empty() && std::all_of(domain.begin(), domain.end(), [&](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-';
  });
  return is_local && is_domain && local.front() != '-' && domain.front() != '.' && domain.front() != '-' &&
         domain.back() != '.' && domain.back() != '-';
}

std::vector<std::string> split_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  while (true) {
    const std::size_t comma = text.find(',');
    addresses.push_back(util::trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return addresses;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace hostwatch::delivery
