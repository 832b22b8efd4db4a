#include "agent/collectors/facts/os_release.h"

#include <cstddef>

#include "agent/collectors/files/scan.h"
#include "util/files/rooted_file.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

/// What of a value in double quotes a backslash takes its meaning from; before all else it stands for itself.
bool is_escaped_in_quotes(char c) {
  return c == '"' || c == '\\' || c == '$' || c == '`';
}

/// A value as a shell would read it: in double or single quotes, or bare. Behind the closing quote there may
/// be a comment. One that is not closed is not one.
std::string unquote(std::string_view value) {
  const char quote = value.empty() ? '\0' : value.front();
  const bool may_be_quoted = quote == '"' || quote == '\'';
  std::string result;
  for (std::size_t i = may_be_quoted ? 1 : 0; i < value.size(); ++i) {
    const bool has_next = i + 1 < value.size();
    if (may_be_quoted && value[i] == quote) return result;
    if (value[i] == '\\' && quote != '\'' && has_next &&
        (!may_be_quoted || is_escaped_in_quotes(value[i + 1]))) {
      ++i;
    }
    result += value[i];
  }
  return may_be_quoted ? std::string(value) : result;
}

}  // namespace

std::string parse_os_name(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::string pretty;
  std::string name;
  std::string version;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trim_blanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    // Of several lines the last counts.
    if (key == "PRETTY_NAME") pretty = unquote(value);
    if (key == "NAME") name = unquote(value);
    if (key == "VERSION") version = unquote(value);
  }
  if (!pretty.empty()) return pretty;
  return version.empty() ? name : name + " " + version;
}

std::string read_os_name(const std::string& rootfs) {
  constexpr std::size_t kMaxBytes = 64U << 10U;
  constexpr std::size_t kMaxNameBytes = 200;
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const auto text = util::read_in_root(rootfs, path, kMaxBytes);
    if (!text) continue;
    std::string name = util::make_printable(parse_os_name(*text), kMaxNameBytes);
    if (!name.empty()) return name;
  }
  return {};
}

}  // namespace hostwatch::agent
