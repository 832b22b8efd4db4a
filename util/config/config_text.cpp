#include "util/config/config_text.h"

#include <algorithm>
#include <optional>

#include "util/text/text.h"

namespace hostwatch::util {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool is_blank(char c) {
  return kBlanks.find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

bool is_comment(std::string_view text) {
  return text.empty() || text.front() == '#' || text.front() == ';';
}

/// Thrown within this file alone.
struct Wrong {
  std::string what;
};

class ConfigText {
 public:
  explicit ConfigText(std::string_view text) : rest_(text) {}

  std::variant<std::vector<ConfigOption>, std::string> read() {
    try {
      while (next_line()) take_line();
      return std::move(options_);
    } catch (const Wrong& wrong) {
      return "line " + std::to_string(number_) + ": " + wrong.what;
    }
  }

 private:
  bool next_line() {
    if (rest_.empty()) return false;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line_ = trimmed(without_byte_order_mark(rest_.substr(0, end)));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    if (line_.find('\0') != std::string_view::npos) {
      throw Wrong{"it holds a zero byte; save the file as plain text in UTF-8"};
    }
    return true;
  }

  void take_line() {
    if (is_comment(line_)) return;
    if (line_.front() == '[') return take_section();
    const std::size_t equals = line_.find('=');
    std::string_view name = trimmed(line_.substr(0, equals));
    while (name.starts_with('-')) name.remove_prefix(1);
    if (!is_name(name)) throw Wrong{"it is not of the form 'name = value'"};
    ConfigOption option;
    option.name = name;
    option.line = number_;
    if (equals != std::string_view::npos) {
      line_ = trimmed(line_.substr(equals + 1));
      take_value(option);
    }
    options_.push_back(std::move(option));
  }

  /// What stands in none is all that there is.
  void take_section() {
    if (line_ != "[default]") throw Wrong{"there are no sections in this file; leave the line out"};
  }

  void take_value(ConfigOption& option) {
    option.form = ConfigOption::Form::quoted;
    if (line_.starts_with('[')) {
      take_list(option);
    } else if (is_quote(line_)) {
      option.values.push_back(take_quoted());
    } else {
      option.form = ConfigOption::Form::bare;
      const std::size_t end = end_of_bare(line_, {});
      option.values.emplace_back(trimmed(line_.substr(0, end)));
      line_.remove_prefix(end);
    }
    if (!is_comment(trimmed(line_))) throw Wrong{"there is more behind the value of '" + option.name + "'"};
  }

  static bool is_quote(std::string_view text) { return text.starts_with('"') || text.starts_with('\''); }

  std::string take_quoted() {
    const char quote = line_.front();
    const std::size_t end = line_.find(quote, 1);
    if (end == std::string_view::npos) throw Wrong{"the quote is not closed on its line"};
    const std::string_view inner = line_.substr(1, end - 1);
    // Some readers take it as it stands, others as the beginning of an escape.
    if (quote == '"' && inner.find('\\') != std::string_view::npos) {
      throw Wrong{"a backslash within double quotes; use single quotes, in which it stands for itself"};
    }
    line_.remove_prefix(end + 1);
    return std::string(inner);
  }

  /// Where a bare value ends: at a comment, or at one of `ends`.
  static std::size_t end_of_bare(std::string_view text, std::string_view ends) {
    if (text.starts_with('`')) throw Wrong{"a value in back quotes; use single or double ones"};
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (ends.find(text[i]) != std::string_view::npos) return i;
      const bool is_after_blank = i == 0 || is_blank(text[i - 1]);
      if (text[i] == ';' && is_after_blank) return i;
      if (text[i] != '#') continue;
      if (is_after_blank) return i;
      throw Wrong{"a # within a value, which would begin a comment for some; put the value in quotes"};
    }
    return text.size();
  }

  void take_list(ConfigOption& option) {
    line_.remove_prefix(1);
    bool may_have_value = true;
    for (;;) {
      line_ = trimmed(line_);
      if (is_comment(line_)) {
        if (!next_line()) throw Wrong{"the bracket is not closed"};
      } else if (line_.front() == ']') {
        line_.remove_prefix(1);
        return;
      } else if (line_.front() == ',') {
        if (may_have_value) throw Wrong{"a comma without a value before it"};
        may_have_value = true;
        line_.remove_prefix(1);
      } else if (!may_have_value) {
        throw Wrong{"a comma is missing between two values"};
      } else {
        option.values.push_back(take_list_value());
        may_have_value = false;
      }
    }
  }

  std::string take_list_value() {
    if (is_quote(line_)) return take_quoted();
    const std::size_t end = end_of_bare(line_, ",]");
    std::string value(trimmed(line_.substr(0, end)));
    line_.remove_prefix(end);
    return value;
  }

  std::string_view rest_;
  std::string_view line_;  ///< what is left of it
  std::size_t number_ = 0;
  std::vector<ConfigOption> options_;
};

}  // namespace

std::variant<std::vector<ConfigOption>, std::string> read_config_text(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return "it is text in UTF-16; save it as UTF-8";
  }
  return ConfigText(text).read();
}

}  // namespace hostwatch::util
