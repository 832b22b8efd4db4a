#include "server/http/requests/json_body.h"

#include <utility>

#include "server/http/requests/request.h"

namespace hostwatch::http {

std::optional<Response> refuse_body(const Request& request) {
  constexpr std::size_t kMostBytes = 16UL * 1024;
  const std::string& type = request.get_header_value("Content-Type");
  if (!type.starts_with("application/json")) {
    return Response::error(415, "send a JSON object as Content-Type: application/json");
  }
  if (request.body.size() > kMostBytes) return Response::error(413, "the body is larger than 16 KiB");
  return std::nullopt;
}

std::variant<util::JsonObject, Response> read_json_body(const Request& request) {
  constexpr int kMostDepth = 4;
  if (auto refusal = refuse_body(request)) return *std::move(refusal);
  auto body = util::read_json_object(request.body, kMostDepth);
  if (!body) return Response::error(400, "the body is not a JSON object");
  return *std::move(body);
}

std::string text_of(const util::JsonObject& object, const char* field) {
  const auto found = object.members.find(field);
  if (found == object.members.end()) return {};
  const auto* text = std::get_if<std::string>(&found->second);
  return text != nullptr ? *text : std::string();
}

}  // namespace hostwatch::http
