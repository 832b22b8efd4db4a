#include "server/http/requests/request_target.h"

#include <algorithm>

#include "util/text/ascii.h"

namespace hostwatch::http {
namespace {

bool begins_with(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() && std::equal(scheme.begin(), scheme.end(), text.begin(),
                                                    [](char x, char y) { return x == util::lower_case(y); });
}

}  // namespace

RequestTarget target_of(std::string_view text) {
  if (text.starts_with('/')) return {{}, text};
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!begins_with(text, scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    return {rest.substr(0, end), end == rest.size() ? std::string_view("/") : rest.substr(end)};
  }
  return {};
}

bool is_authority(std::string_view text) {
  constexpr std::string_view kMarks = "-._~:[]%";
  return !text.empty() && text.front() != ':' && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (util::lower_case(c) >= 'a' && util::lower_case(c) <= 'z') ||
           kMarks.find(c) != kMarks.npos;
  });
}

}  // namespace hostwatch::http
