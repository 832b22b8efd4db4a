#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "server/delivery/base64.h"
#include "server/delivery/notice_text.h"
#include "server/delivery/rendering.h"
#include "util/text/ascii.h"
#include "util/text/json_text.h"

namespace hostwatch::delivery {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
Json value_or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json webhook_alarm(const AlarmNotice& notice, const RenderContext& context) {
  Json json{{"id", notice.id},
            {"event", notice.event},
            {"key", alarm_key(notice)},
            {"rule", notice.rule},
            {"name", notice.name},
            {"severity", notice.severity},
            {"host", notice.host},
            {"instance", notice.instance},
            {"tags", notice.tags},
            {"metric", notice.metric},
            {"value", std::isfinite(notice.limit) ? Json(notice.value) : Json()},
            {"limit", notice.limit},
            {"unit", notice.unit},
            {"started", notice.started},
            {"fired", notice.fired},
            {"ended", value_or_null(notice.ended)},
            {"end_reason", notice.end_reason.empty() ? Json() : Json(notice.end_reason)},
            {"end_value", value_or_null(notice.end_value)},
            {"late", notice.late},
            {"repeat", notice.repeat},
            {"help", notice.help},
            {"runbook", notice.runbook},
            {"note", notice.note},
            {"url", alarm_url(context.public_url, notice)}};
  return json;
}

/// `sent` is when the message came about, not the attempt: the body stays the same.
std::string webhook_body(const Message& message, const RenderContext& context) {
  Json json{{"version", 1}, {"id", message.id}, {"sent", message.created}, {"server", context.public_url}};
  if (message.left_out != 0) json["left_out"] = message.left_out;
  Json& alarms = json["alarms"] = Json::array();
  for (const AlarmNotice& notice : message.alarms) alarms.push_back(webhook_alarm(notice, context));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Keys of the specification are base64 behind "whsec_"; any other text is the key as it is.
std::string signing_key(const std::string& secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return secret;
  return base64_decoded(std::string_view(secret).substr(kPrefix.size())).value_or(secret);
}

std::string signature(const std::string& secret, const std::string& text) {
  const std::string key = signing_key(secret);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
           &size) == nullptr) {
    throw std::runtime_error("OpenSSL cannot sign");
  }
  return base64(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

HttpRequest webhook_request(const Channel& channel, const std::string& id, std::string body,
                            const RenderContext& context) {
  constexpr std::string_view kHeader = "header.";
  HttpRequest request;
  request.url = channel.settings.at("url");
  request.body = std::move(body);
  const std::string timestamp = std::to_string(context.now);
  std::map<std::string, std::string> own;
  for (const auto* values : {&channel.settings, &channel.secrets}) {
    for (const auto& [name, value] : *values) {
      if (name.starts_with(kHeader)) own[name.substr(kHeader.size())] = value;
    }
  }
  bool has_type = false;
  for (const auto& [name, value] : own) has_type |= util::in_lower_case(name) == "content-type";
  if (!has_type) request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("webhook-id", id);
  request.headers.emplace_back("webhook-timestamp", timestamp);
  if (const auto secret = channel.secrets.find("secret"); secret != channel.secrets.end()) {
    request.headers.emplace_back(
        "webhook-signature", "v1," + signature(secret->second, id + "." + timestamp + "." + request.body));
  }
  request.headers.insert(request.headers.end(), own.begin(), own.end());
  return request;
}

/// A number as JSON has it, not in words.
std::string plain_number(double value) {
  std::string text;
  util::append_json_number(text, value);
  return text;
}

using Placeholders = std::map<std::string, std::string, std::less<>>;

Placeholders placeholder_values(const Message& message, const AlarmNotice& notice,
                                const RenderContext& context) {
  Message alone = message;
  alone.alarms = {notice};
  alone.left_out = 0;
  const bool is_over = notice.event == "ended";
  return {{"id", message.id},
          {"alarm", std::to_string(notice.id)},
          {"key", alarm_key(notice)},
          {"event", notice.event},
          {"state", is_over ? "resolved" : "firing"},
          {"rule", notice.rule},
          {"name", notice.name},
          {"severity", notice.severity},
          {"host", notice.host},
          {"instance", notice.instance},
          {"metric", notice.metric},
          {"value", plain_number(notice.value)},
          {"limit", plain_number(notice.limit)},
          {"unit", notice.unit},
          {"value_text", value_text(notice.value, notice.unit)},
          {"limit_text", value_text(notice.limit, notice.unit)},
          {"started", std::to_string(notice.started)},
          {"fired", std::to_string(notice.fired)},
          {"ended", notice.ended ? std::to_string(*notice.ended) : "null"},
          {"end_reason", notice.end_reason},
          {"help", notice.help},
          {"runbook", notice.runbook},
          {"note", notice.note},
          {"title", title_text(alone)},
          {"text", detail_text(notice, message.created)},
          {"server", context.public_url},
          {"url", alarm_url(context.public_url, notice)}};
}

}  // namespace

std::vector<std::string> template_placeholders() {
  std::vector<std::string> names;
  for (const auto& [name, value] : placeholder_values({}, {}, {})) names.push_back(name);
  return names;
}

std::string filled_template(const std::string& text, const Message& message, const AlarmNotice& notice,
                            const RenderContext& context) {
  const Placeholders values = placeholder_values(message, notice, context);
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '{' ? text.find_first_of("{}", at + 1) : std::string::npos;
    const auto value = end != std::string::npos && text[end] == '}'
                           ? values.find(std::string_view(text).substr(at + 1, end - at - 1))
                           : values.end();
    if (value == values.end()) {
      filled += text[at++];
      continue;
    }
    std::string escaped;
    util::append_json_string(escaped, value->second);
    filled += std::string_view(escaped).substr(1, escaped.size() - 2);
    at = end + 1;
  }
  return filled;
}

std::vector<HttpRequest> webhook_messages(const Channel& channel, const Message& message,
                                          const RenderContext& context) {
  const auto body = channel.settings.find("body");
  if (body == channel.settings.end()) {
    return {webhook_request(channel, message.id, webhook_body(message, context), context)};
  }
  std::vector<HttpRequest> requests;
  for (const AlarmNotice& notice : message.alarms) {
    const bool is_one = message.alarms.size() == 1;
    const std::string id = message.id + (is_one ? "" : "." + std::to_string(requests.size() + 1));
    requests.push_back(
        webhook_request(channel, id, filled_template(body->second, message, notice, context), context));
  }
  return requests;
}

}  // namespace hostwatch::delivery
