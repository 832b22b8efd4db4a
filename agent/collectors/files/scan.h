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
  // Thousands of words a tick: find_first_of() would call the C library for every character.
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  std::size_t end = begin;
  while (end < text.size() && !is_blank(text[end])) ++end;
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
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
