#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "server/delivery/base64.h"
#include "server/delivery/notice_text.h"
#include "server/delivery/rendering.h"

namespace hostwatch::delivery {
namespace {

using Json = nlohmann::ordered_json;

/// As Prometheus does it: what is not sent again is over by itself.
constexpr std::int64_t kAlertLifetime = 300;
constexpr std::size_t kAlertsARequest = 500;

/// Alertmanager refuses names with a point or a hyphen, and with them all of the request.
std::string label_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += is_plain ? c : '_';
  }
  return name;
}

/// An empty value would drop the label anyhow: so it is left out where one sees it.
void put_label(Json& labels, const std::string& name, std::string_view value) {
  const std::string text = one_line(value, 1'000);
  if (!text.empty() && !labels.contains(name)) labels[name] = text;
}

std::string rfc3339(std::int64_t time) {
  const std::time_t seconds = time;
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "1970-01-01T00:00:00Z";
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

Json alert_json(const AlarmNotice& notice, const RenderContext& context) {
  Json labels = Json::object();
  put_label(labels, "alertname", notice.rule);
  put_label(labels, "hostname", notice.host);
  put_label(labels, "instance", notice.instance);
  put_label(labels, "severity", notice.severity);
  for (const auto& [key, value] : notice.tags) put_label(labels, "tag_" + label_name(key), value);
  Json annotations = Json::object();
  Message alone;
  alone.alarms = {notice};
  put_label(annotations, "summary", title_text(alone));
  put_label(annotations, "value", value_text(notice.value, notice.unit));
  put_label(annotations, "description", notice.help);
  put_label(annotations, "runbook_url", notice.runbook);
  // It is refused if it ends before it starts.
  const std::int64_t end = std::max(notice.ended.value_or(context.now + kAlertLifetime), notice.fired);
  return {{"labels", labels},
          {"annotations", annotations},
          {"startsAt", rfc3339(notice.fired)},
          {"endsAt", rfc3339(end)},
          {"generatorURL", alarm_url(context.public_url, notice)}};
}

std::string alerts_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url + "/api/v2/alerts";
}

void put_authorization(const Channel& channel, HttpRequest& request) {
  const auto secret = [&channel](const char* name) {
    const auto found = channel.secrets.find(name);
    return found == channel.secrets.end() ? std::string() : found->second;
  };
  if (!secret("token").empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + secret("token"));
  } else if (!secret("user").empty()) {
    request.headers.emplace_back("Authorization",
                                 "Basic " + base64(secret("user") + ":" + secret("password")));
  }
}

}  // namespace

std::vector<HttpRequest> alertmanager_alerts(const Channel& channel, const std::vector<AlarmNotice>& alarms,
                                             const RenderContext& context) {
  std::vector<HttpRequest> requests;
  for (std::size_t begin = 0; begin < alarms.size(); begin += kAlertsARequest) {
    const std::size_t end = std::min(alarms.size(), begin + kAlertsARequest);
    Json alerts = Json::array();
    for (std::size_t i = begin; i < end; ++i) alerts.push_back(alert_json(alarms[i], context));
    HttpRequest request;
    request.url = alerts_url(channel.settings.at("url"));
    request.headers = {{"Content-Type", "application/json"}};
    put_authorization(channel, request);
    request.body = alerts.dump(-1, ' ', false, Json::error_handler_t::replace);
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace hostwatch::delivery
