#include "server/http/requests/query_text.h"

#include <algorithm>
#include <string>

#include "util/text/percent_encoding.h"

namespace hostwatch::http {

Params query_parameters(std::string_view target) {
  Params parameters;
  target = target.substr(0, target.find('#'));
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return parameters;
  const std::string_view query = target.substr(question + 1);
  for (std::size_t begin = 0; begin < query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view one = query.substr(begin, end - begin);
    begin = end + 1;
    if (one.empty()) continue;
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string_view value = one.substr(std::min(equals + 1, one.size()));
    parameters.emplace(util::form_decoded(one.substr(0, equals)), util::form_decoded(value));
  }
  return parameters;
}

std::variant<std::optional<bool>, Response> flag_of(const Request& request, const char* name) {
  const Params parameters = query_parameters(request.target);
  const auto found = parameters.find(name);
  if (found == parameters.end()) return std::optional<bool>();
  if (found->second == "true") return std::optional<bool>(true);
  if (found->second == "false") return std::optional<bool>(false);
  return Response::error(400, std::string(name) + " must be true or false");
}

}  // namespace hostwatch::http
