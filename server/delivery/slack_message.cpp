#include <nlohmann/json.hpp>

#include "server/delivery/notice_text.h"
#include "server/delivery/rendering.h"

namespace hostwatch::delivery {
namespace {

/// Slack refuses a text object of more than 3000 characters.
constexpr std::size_t kMostSlackBytes = 2'900;

/// For the one field that receivers read as markup: `<!channel>` of Slack, `@channel` and `@everyone` of
/// Mattermost, Rocket.Chat and Discord mean nothing in it.
std::string without_mentions(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '@':
        safe += "@\xE2\x80\x8B";  // U+200B: the eye sees no difference
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

}  // namespace

HttpRequest slack_message(const Channel& channel, const Message& message, const RenderContext& context) {
  using Json = nlohmann::ordered_json;
  const std::string title = title_text(message);
  const std::vector<std::string> lines = text_lines(message);
  const bool is_one = message.alarms.size() == 1 && message.left_out == 0;
  const std::string summary = is_one ? "[" + standing_text(message.alarms.front()) + "] " + title : title;
  std::string text = summary;
  for (const std::string& line : lines) {
    if (text.size() + line.size() > kMostSlackBytes - 600) break;
    text += "\n" + line;
  }
  if (is_one && !message.alarms.front().help.empty()) {
    text += "\n" + one_line(message.alarms.front().help, 500);
  }
  const Json section{{"type", "section"}, {"text", {{"type", "plain_text"}, {"text", text}}}};
  const Json button{{"type", "button"},
                    {"text", {{"type", "plain_text"}, {"text", "Open"}}},
                    {"url", message_url(context.public_url, message)}};
  const Json actions{{"type", "actions"}, {"elements", Json::array({button})}};
  const Json json{{"text", without_mentions(is_one ? summary + ": " + lines.front() : summary)},
                  {"blocks", Json::array({section, actions})}};
  HttpRequest request;
  request.url = channel.secrets.at("url");
  request.headers = {{"Content-Type", "application/json"}};
  request.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return request;
}

}  // namespace hostwatch::delivery
