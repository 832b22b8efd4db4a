#include "server/api/alerts/alert_requests.h"

#include <charconv>

namespace hostwatch::api {

std::optional<std::int64_t> number_in_path(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number < 0) return std::nullopt;
  return number;
}

std::string author_of(const Services& services, const Call& call) {
  const auth::Caller& caller = call.context.caller;
  const bool is_person = caller.via == auth::Caller::Via::session || caller.via == auth::Caller::Via::proxy;
  return is_person && !caller.name.empty() ? caller.name : services.access.maker_of(caller);
}

std::variant<Precondition, http::Response> precondition_of(const http::Request& request) {
  const bool is_new = request.has_header("If-None-Match");
  if (is_new && (request.has_header("If-Match") || request.get_header_value("If-None-Match") != "*")) {
    return http::Response::error(400, "If-None-Match must be * and stand alone: there must be none yet");
  }
  if (!request.has_header("If-Match")) return Precondition{};
  std::string_view tag = request.get_header_value("If-Match");
  if (tag.size() > 2 && tag.starts_with('"') && tag.ends_with('"')) tag = tag.substr(1, tag.size() - 2);
  const auto revision = number_in_path(tag);
  if (!revision) return http::Response::error(400, "If-Match must be a revision, as \"3\"");
  return Precondition{revision};
}

}  // namespace hostwatch::api
