#include "protocol/names.h"

#include <algorithm>

#include "protocol/names.h"
#include "util/text/text.h"

namespace hostwatch::protocol {
namespace {

std::optional<std::string> why_not_name(std::string_view text, std::size_t max_bytes) {
  if (text.empty()) return "must not be empty";
  if (text.size() > max_bytes) return "must be at most " + std::to_string(max_bytes) + " bytes long";
  return util::why_not_printable(text);
}

}  // namespace

std::optional<std::string> why_not_host_name(std::string_view text) {
  // In an address they are no names (RFC 3986, 5.2.4): such a host could not be asked for by a browser.
  if (text == "." || text == "..") return "must not be . or ..";
  return why_not_name(text, 253);
}

std::optional<std::string> why_not_instance_name(std::string_view text) {
  return why_not_name(text, kMaxInstanceBytes);
}

bool is_metric_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || text.size() > 100 || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace hostwatch::protocol
