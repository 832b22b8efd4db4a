#include "agent/delivery/enrollment.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "agent/delivery/credential.h"
#include "util/text/text.h"

namespace hostwatch::agent {

std::optional<std::string> enrollment_path(const std::string& metrics_path) {
  constexpr std::string_view kEnd = "/metrics";
  const std::size_t query = std::min(metrics_path.find('?'), metrics_path.size());
  std::string path = metrics_path.substr(0, query);
  while (path.ends_with('/')) path.pop_back();  // the server takes readings there as well
  if (!path.ends_with(kEnd)) return std::nullopt;
  return path.substr(0, path.size() - kEnd.size()) + "/enroll" + metrics_path.substr(query);
}

std::string enrollment_request(const std::string& hostname) {
  return nlohmann::json{{"hostname", hostname}}.dump(-1, ' ', false,
                                                     nlohmann::json::error_handler_t::replace);
}

EnrollmentAnswer read_enrollment_answer(const HttpAnswer& answer) {
  constexpr std::size_t kMaxReasonBytes = 300;
  constexpr int kMaxDepth = 3;
  constexpr std::size_t kMaxTokenBytes = 256;
  const auto shallow = [](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
    return depth <= kMaxDepth;
  };
  const auto body = nlohmann::json::parse(answer.body, shallow, /*allow_exceptions=*/false);
  const auto member = [&body](const char* name) {
    if (!body.is_object()) return std::string();
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  EnrollmentAnswer read;
  if (answer.status == 200) {
    read.token = member("token");
    const bool is_token = !read.token.empty() && read.token.size() <= kMaxTokenBytes &&
                          is_plain_token(read.token) && !is_enrollment_token(read.token);
    if (is_token) return read;
    read.token.clear();
    read.problem = "cannot enrol: the answer is not a Hostwatch server's; is the URL right?";
    read.retry_slowly = true;
    return read;
  }
  read.problem = "cannot enrol: HTTP " + std::to_string(answer.status);
  const std::string error = util::make_printable(member("error"), kMaxReasonBytes);
  if (!error.empty()) read.problem += ": " + error;
  read.retry_slowly =
      answer.status >= 300 && answer.status < 500 && answer.status != 408 && answer.status != 429;
  return read;
}

}  // namespace hostwatch::agent
