#include <nlohmann/json.hpp>

#include "server/delivery/notice_text.h"
#include "server/delivery/rendering.h"

namespace hostwatch::delivery {
namespace {

/// ntfy makes a file of what is longer than 4096 bytes.
constexpr std::size_t kMostNtfyBytes = 3'500;

struct NtfyLook {
  int priority;
  const char* tag;
};

NtfyLook ntfy_look(const Message& message) {
  if (!message.alarms.empty() && message.alarms.front().event == "test") return {3, "test_tube"};
  switch (urgency(message)) {
    case 2:
      return {5, "rotating_light"};
    case 1:
      return {3, "warning"};
    case 0:
      return {2, "information_source"};
    default:
      return {2, "white_check_mark"};
  }
}

}  // namespace

HttpRequest ntfy_message(const Channel& channel, const Message& message, const RenderContext& context) {
  using Json = nlohmann::ordered_json;
  std::string text;
  for (const std::string& line : text_lines(message)) {
    if (text.size() + line.size() > kMostNtfyBytes) break;
    text += (text.empty() ? "" : "\n") + line;
  }
  if (message.alarms.size() == 1 && !message.alarms.front().help.empty()) {
    text += "\n" + one_line(message.alarms.front().help, 500);
  }
  const NtfyLook look = ntfy_look(message);
  const Json json{{"topic", channel.settings.at("topic")},
                  {"title", title_text(message)},
                  {"message", text},
                  {"priority", look.priority},
                  {"tags", Json::array({look.tag})},
                  {"click", message_url(context.public_url, message)}};
  HttpRequest request;
  request.url = channel.settings.at("url");
  request.headers = {{"Content-Type", "application/json"}};
  if (const auto token = channel.secrets.find("token"); token != channel.secrets.end()) {
    request.headers.emplace_back("Authorization", "Bearer " + token->second);
  }
  request.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return request;
}

}  // namespace hostwatch::delivery
