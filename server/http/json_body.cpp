#include "server/http/json_body.h"

namespace hostwatch::http {

std::variant<nlohmann::json, Response> read_json_body(const Request& request) {
  constexpr std::size_t kMostBytes = 16UL * 1024;
  constexpr int kMostDepth = 4;
  const std::string type = request.get_header_value("Content-Type");
  if (!type.starts_with("application/json")) {
    return Response::error(415, "send a JSON object as Content-Type: application/json");
  }
  if (request.body.size() > kMostBytes) return Response::error(413, "the body is larger than 16 KiB");
  // Not deeper than needed: the library copies trees by recursion.
  const auto shallow = [](int depth, nlohmann::json::parse_event_t /*event*/,
                          const nlohmann::json& /*part*/) {
    if (depth > kMostDepth) throw std::length_error("too deep");
    return true;
  };
  try {
    nlohmann::json body = nlohmann::json::parse(request.body, shallow, false);
    if (body.is_object()) return body;
  } catch (const std::length_error&) {
  }
  return Response::error(400, "the body is not a JSON object");
}

std::string text_of(const nlohmann::json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace hostwatch::http
