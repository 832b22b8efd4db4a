#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace hostwatch::agent {

/// Takes the first line off `text`, without its newline, into `line`; false at the end. A last line without a
/// newline was cut off in the middle of who knows which number: it is not handed out, and stays in `text`.
inline bool take_line(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

/// Without the blanks at its ends: also those that an editor of another system leaves there.
inline std::string_view trim_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Takes the first word off `text`: words are separated by spaces and tabs. Empty when there is none left.
inline std::string_view take_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(begin);
  std::size_t length = text.find_first_of(" \t");
  if (length == std::string_view::npos) length = text.size();
  const std::string_view word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

/// The number that is the whole of `word`; nothing for anything else, also for one that is out of T's range.
template <typename T>
std::optional<T> to_number(std::string_view word) {
  T value{};
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

/// Takes the first word off `text` as a counter.
inline std::optional<std::uint64_t> take_counter(std::string_view& text) {
  return to_number<std::uint64_t>(take_word(text));
}

}  // namespace hostwatch::agent
