#include "server/api/alerts/preview_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "server/alerts/rules/json_document.h"
#include "server/alerts/rules/rule_json.h"
#include "server/api/answer.h"
#include "server/query/timeframes.h"

namespace hostwatch::api {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kPreviewTimeframe = "24h";
/// As http::read_json_body() has it.
constexpr std::size_t kMostPreviewBytes = 16UL * 1024;

/// What is wrong with the body; caught here.
class PreviewFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::optional<std::int64_t> time_member(const json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  constexpr std::int64_t kMost = 253402300799;  // the end of the year 9999
  const bool is_good = found->is_number_integer() && *found >= 0 && *found <= kMost;
  if (!is_good) throw PreviewFault(std::string(name) + " must be Unix seconds, a whole number");
  return found->get<std::int64_t>();
}

std::string text_member(const json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return {};
  if (!found->is_string()) throw PreviewFault(std::string(name) + " must be a text");
  return found->get<std::string>();
}

void read_range(const json& body, std::int64_t now, std::int64_t earliest, alerts::PreviewRequest& request) {
  std::string name = text_member(body, "timeframe");
  const std::optional<std::int64_t> from = time_member(body, "from");
  const std::optional<std::int64_t> to = time_member(body, "to");
  if (!name.empty() && (from || to)) throw PreviewFault("give timeframe, or from and to, not both");
  if (name.empty()) name = kPreviewTimeframe;
  const query::Timeframe* const timeframe = query::find_timeframe(name);
  if (timeframe == nullptr) throw PreviewFault("timeframe must be one of 15m, 1h, 6h, 24h, 7d, 30d, 1y");
  request.to = std::min(to.value_or(now), now);
  request.from = from.value_or(request.to - timeframe->seconds);
  if (to && request.from > *to) throw PreviewFault("from must not be after to");
  request.from = std::max(request.from, earliest);
}

alerts::PreviewRequest read_preview_request(std::string_view text, std::int64_t now, std::int64_t earliest) {
  const auto read = alerts::read_json_document(text);
  if (const auto* fault = std::get_if<alerts::JsonFault>(&read)) {
    throw PreviewFault("line " + std::to_string(fault->line) + ": " + fault->text);
  }
  const json& body = std::get<alerts::JsonDocument>(read).value;
  if (!body.is_object()) throw PreviewFault("the body is not a JSON object");
  for (const auto& [name, value] : body.items()) {
    constexpr std::array<std::string_view, 6> kKnown{"rule", "timeframe", "from",
                                                     "to",   "hostname",  "what_if"};
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
      throw PreviewFault("there is no \"" + name +
                         "\"; known are rule, timeframe, from, to, hostname and what_if");
    }
  }
  if (!body.contains("rule")) throw PreviewFault("rule is missing");
  auto rule = alerts::read_rule(body["rule"]);
  if (const auto* fault = std::get_if<alerts::RuleFault>(&rule)) throw PreviewFault(fault->line());
  alerts::PreviewRequest request{.rule = std::get<alerts::Rule>(std::move(rule)),
                                 .hostname = text_member(body, "hostname")};
  if (const auto found = body.find("what_if"); found != body.end()) {
    if (!found->is_boolean()) throw PreviewFault("what_if must be true or false");
    request.with_variants = found->get<bool>();
  }
  read_range(body, now, earliest, request);
  return request;
}

ordered_json found_json(const alerts::FoundAlarm& alarm) {
  ordered_json ended = nullptr;
  if (alarm.ended != 0) ended = alarm.ended;
  return {{"host", alarm.host},
          {"instance", alarm.instance},
          {"severity", to_string(alarm.severity)},
          {"started", alarm.started},
          {"fired", alarm.fired},
          {"ended", ended},
          {"value_fired", alarm.value_fired},
          {"value_worst", alarm.value_worst}};
}

}  // namespace

std::variant<alerts::PreviewRequest, std::string> parse_preview_request(std::string_view body,
                                                                        std::int64_t now,
                                                                        std::int64_t earliest) {
  try {
    return read_preview_request(body, now, earliest);
  } catch (const PreviewFault& fault) {
    return std::string(fault.what());
  }
}

std::string preview_json(const alerts::Preview& preview) {
  ordered_json answer{{"fired", preview.fired},
                      {"hosts", preview.hosts},
                      {"told", preview.told},
                      {"night", preview.night},
                      {"exact", preview.exact},
                      {"partial", preview.partial},
                      {"examined_hosts", preview.examined_hosts}};
  ordered_json& alarms = answer["alarms"] = ordered_json::array();
  for (const alerts::FoundAlarm& alarm : preview.alarms) alarms.push_back(found_json(alarm));
  ordered_json& noisiest = answer["noisiest"] = ordered_json::array();
  for (const auto& one : preview.noisiest) noisiest.push_back({{"host", one.host}, {"fired", one.fired}});
  ordered_json& what_if = answer["what_if"] = ordered_json::array();
  for (const auto& one : preview.what_if) what_if.push_back({{"change", one.change}, {"fired", one.fired}});
  return answer.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void PreviewApi::add_routes(Router& router) {
  router.add("POST", "/alerts/preview", Permission::read, [this](const Call& call) { return preview(call); });
}

Reply PreviewApi::preview(const Call& call) const {
  if (!call.request.get_header_value("Content-Type").starts_with("application/json")) {
    return refuse(415, "send a JSON object as Content-Type: application/json");
  }
  if (call.request.body.size() > kMostPreviewBytes) return refuse(413, "the body is larger than 16 KiB");
  const std::int64_t now = services_.clock();
  auto parsed = parse_preview_request(call.request.body, now, services_.store.earliest_history(now));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return refuse(400, *wrong);
  return write_later(services_.workers.queries, call, services_.limits,
                     [this, request = std::get<alerts::PreviewRequest>(std::move(parsed))](AnswerText& text,
                                                                                           http::Response&) {
                       text.out() += preview_json(alerts::preview(services_.store, request, text.budget()));
                     });
}

}  // namespace hostwatch::api
