#include "server/delivery/message.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace hostwatch::delivery {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no number for what is not finite: null.
double number_of(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

Json notice_json(const AlarmNotice& notice) {
  Json json{{"id", notice.id},
            {"event", notice.event},
            {"rule", notice.rule},
            {"name", notice.name},
            {"severity", notice.severity},
            {"host", notice.host},
            {"instance", notice.instance},
            {"tags", notice.tags},
            {"metric", notice.metric},
            {"value", notice.value},
            {"limit", notice.limit},
            {"unit", notice.unit},
            {"started", notice.started},
            {"fired", notice.fired}};
  if (notice.ended) json["ended"] = *notice.ended;
  if (!notice.end_reason.empty()) json["end_reason"] = notice.end_reason;
  if (notice.end_value) json["end_value"] = *notice.end_value;
  if (notice.late) json["late"] = true;
  if (notice.repeat != 0) json["repeat"] = notice.repeat;
  if (!notice.help.empty()) json["help"] = notice.help;
  if (!notice.runbook.empty()) json["runbook"] = notice.runbook;
  if (!notice.note.empty()) json["note"] = notice.note;
  return json;
}

/// Throws nlohmann's exceptions for what is none.
AlarmNotice notice_from(const Json& json) {
  AlarmNotice notice;
  json.at("id").get_to(notice.id);
  json.at("event").get_to(notice.event);
  json.at("rule").get_to(notice.rule);
  json.at("name").get_to(notice.name);
  json.at("severity").get_to(notice.severity);
  json.at("host").get_to(notice.host);
  json.at("instance").get_to(notice.instance);
  json.at("tags").get_to(notice.tags);
  json.at("metric").get_to(notice.metric);
  notice.value = number_of(json.at("value"));
  notice.limit = number_of(json.at("limit"));
  json.at("unit").get_to(notice.unit);
  json.at("started").get_to(notice.started);
  json.at("fired").get_to(notice.fired);
  if (json.contains("ended")) notice.ended = json.at("ended").get<std::int64_t>();
  notice.end_reason = json.value("end_reason", "");
  if (json.contains("end_value")) notice.end_value = number_of(json.at("end_value"));
  notice.late = json.value("late", false);
  notice.repeat = json.value("repeat", std::int64_t{0});
  notice.help = json.value("help", "");
  notice.runbook = json.value("runbook", "");
  notice.note = json.value("note", "");
  return notice;
}

}  // namespace

std::string message_body(const Message& message) {
  Json json{{"version", 1}, {"id", message.id}, {"channel", message.channel}, {"created", message.created}};
  if (message.left_out != 0) json["left_out"] = message.left_out;
  Json& alarms = json["alarms"] = Json::array();
  for (const AlarmNotice& notice : message.alarms) alarms.push_back(notice_json(notice));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Message> message_from_body(std::string_view body) {
  try {
    const Json json = Json::parse(body);
    Message message;
    json.at("id").get_to(message.id);
    json.at("channel").get_to(message.channel);
    json.at("created").get_to(message.created);
    message.due = message.created;
    message.left_out = json.value("left_out", std::size_t{0});
    for (const Json& notice : json.at("alarms")) message.alarms.push_back(notice_from(notice));
    return message;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace hostwatch::delivery
