#include "server/api/alerts/alert_json.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "server/alerts/engine/notice_text.h"
#include "server/alerts/rules/rule_metric.h"
#include "server/alerts/telling/notices.h"
#include "server/delivery/message.h"
#include "util/text/json_text.h"

namespace hostwatch::api {
namespace {

using util::JsonObjectWriter;

void add_value(JsonObjectWriter& object, std::string_view name, std::optional<double> value) {
  std::string number;
  if (value) util::append_json_number(number, *value);
  object.json(name, value ? number : "null");
}

/// The rule as it is now; null: there is none of that id any more.
const alerts::Rule* rule_named(const alerts::AlertSnapshot& snapshot, const std::string& id) {
  const auto found = snapshot.rules.find(id);
  return found == snapshot.rules.end() ? nullptr : &found->second->entry.rule;
}

/// What is so or not has no limit that people would want to see.
bool has_limit(const alerts::Rule* rule) {
  return rule == nullptr || !alerts::compared(rule->when.front()).yes_or_no;
}

std::string acknowledgement_json(const storage::AlarmRow& alarm) {
  if (alarm.ack_by.empty()) return "null";
  JsonObjectWriter object;
  object.text("by", alarm.ack_by);
  object.number("until", alarm.ack_until);
  object.text("note", alarm.ack_note);
  return object.finish();
}

std::string event_json(const storage::AlarmEventRow& event) {
  JsonObjectWriter object;
  object.number("at", event.at);
  object.number("decided", event.decided);
  object.text("kind", event.kind);
  add_value(object, "value", event.value);
  object.text("detail", event.detail);
  return object.finish();
}

std::string reason_json(const alerts::ChannelReason& reason) {
  JsonObjectWriter object;
  object.text("channel", reason.channel);
  object.text("text", reason.text);
  object.number_or_null("at", reason.at);
  object.text("state", reason.state);
  return object.finish();
}

/// A list of what `json` makes of each.
template <typename List, typename ToJson>
std::string list_json(const List& list, const ToJson& json) {
  std::string out = "[";
  for (const auto& one : list) {
    if (out.size() > 1) out += ',';
    out += json(one);
  }
  return out + ']';
}

std::string tags_json(const std::map<std::string, std::vector<std::string>>& tags) {
  JsonObjectWriter object;
  for (const auto& [key, values] : tags) object.json(key, texts_json(values));
  return object.finish();
}

std::vector<std::string> channels_of(const std::vector<storage::AlarmToldRow>& told) {
  std::vector<std::string> channels;
  std::transform(told.begin(), told.end(), std::back_inserter(channels),
                 [](const storage::AlarmToldRow& row) { return row.channel; });
  return channels;
}

}  // namespace

std::string texts_json(std::span<const std::string> texts) {
  return list_json(texts, [](const std::string& text) {
    std::string out;
    util::append_json_string(out, text);
    return out;
  });
}

std::string counts_json(const alerts::AlarmCounts& counts) {
  JsonObjectWriter object;
  object.number("critical", counts.critical);
  object.number("warning", counts.warning);
  object.number("info", counts.info);
  return object.finish();
}

const protocol::Tags& AlarmWriter::tags_of(const std::string& host) {
  const auto [at, is_new] = tags_.try_emplace(host);
  if (is_new && !host.empty()) at->second = store_.facts_of(host).tags;
  return at->second;
}

/// What open ones and ended ones have alike.
JsonObjectWriter AlarmWriter::begin(const storage::AlarmRow& alarm, std::optional<double> value) {
  const alerts::Rule* const rule = rule_named(snapshot_, alarm.rule);
  const alerts::Tell tell = alarm.ended == 0 ? alerts::Tell::fired : alerts::Tell::ended;
  delivery::AlarmNotice notice = alerts::make_notice(alarm, rule, tags_of(alarm.host), tell, value);
  if (rule != nullptr) alerts::describe_notice(*rule, notice);
  JsonObjectWriter object;
  object.number("id", alarm.id);
  object.text("rule", alarm.rule);
  object.text("name", notice.name);
  object.text("severity", alarm.severity);
  object.text("highest", alarm.highest);
  object.text("host", alarm.host);
  object.text("instance", alarm.instance);
  object.text("metric", notice.metric);
  object.text("unit", notice.unit);
  add_value(object, "value", value);
  add_value(object, "value_fired", alarm.value_fired);
  add_value(object, "value_worst", alarm.value_worst);
  add_value(object, "value_ended", alarm.value_ended);
  add_value(object, "limit", has_limit(rule) ? std::optional(alarm.limit) : std::nullopt);
  object.number("started", alarm.started);
  object.number("fired", alarm.fired);
  object.number_or_null("ended", alarm.ended);
  object.text_or_null("end_reason", alarm.end_reason);
  object.boolean("late", alarm.late);
  object.boolean("flapping", alarm.flapping);
  object.json("acknowledged", acknowledgement_json(alarm));
  object.text("help", notice.help);
  object.text("runbook", notice.runbook);
  return object;
}

JsonObjectWriter AlarmWriter::open_object(const alerts::OpenAlarm& alarm) {
  JsonObjectWriter object = begin(alarm.row, alarm.value);
  object.text("state", alarm.is_clearing ? "clearing" : "firing");
  object.number_or_null("unknown_since", alarm.unknown_since);
  object.boolean("settling", alarm.is_settling);
  if (alarm.silenced) {
    JsonObjectWriter silence;
    silence.number("id", alarm.silenced->silence);
    silence.number("until", alarm.silenced->until);
    object.json("silenced", silence.finish());
  } else {
    object.null("silenced");
  }
  object.json("told", texts_json(alarm.told));
  return object;
}

JsonObjectWriter AlarmWriter::ended_object(const storage::AlarmRow& alarm,
                                           const std::vector<std::string>& told) {
  JsonObjectWriter object = begin(alarm, alarm.value_ended);
  object.text("state", "ended");
  object.null("unknown_since");
  object.boolean("settling", false);
  object.null("silenced");
  object.json("told", texts_json(told));
  return object;
}

std::string AlarmWriter::open(const alerts::OpenAlarm& alarm) {
  return open_object(alarm).finish();
}

std::string AlarmWriter::ended(const storage::AlarmRow& alarm, const std::vector<std::string>& told) {
  return ended_object(alarm, told).finish();
}

std::string AlarmWriter::story(const storage::AlarmStory& story, std::span<const alerts::ChannelReason> why) {
  const storage::AlarmRow& alarm = story.alarm;
  const auto found = snapshot_.open.find(alarm.id);
  alerts::OpenAlarm open;
  if (found != snapshot_.open.end()) {
    open = found->second;
  } else {  // it has fired since the snapshot was taken
    open.value = alarm.value_fired;
    open.row.value_worst = alarm.value_worst;
  }
  const double worst = open.row.value_worst;  // the store's is that of its last change
  open.row = alarm;
  open.row.value_worst = worst;
  open.told = channels_of(story.told);
  JsonObjectWriter object = alarm.ended == 0 ? open_object(open) : ended_object(alarm, open.told);
  object.json("events", list_json(story.events, event_json));
  object.json("why", list_json(why, reason_json));
  return object.finish();
}

std::string pending_json(const alerts::PendingAlarm& pending, const alerts::AlertSnapshot& snapshot) {
  const alerts::Rule* const rule = rule_named(snapshot, pending.rule);
  JsonObjectWriter object;
  object.text("rule", pending.rule);
  object.text("name", rule == nullptr || rule->name.empty() ? pending.rule : rule->name);
  object.text("host", pending.host);
  object.text("instance", pending.instance);
  object.text("severity", pending.severity);
  object.number("since", pending.since);
  object.number("held", pending.held);
  object.number("for", rule == nullptr ? 0 : rule->hold);
  add_value(object, "value", pending.value);
  return object.finish();
}

std::string silence_json(const alerts::Silence& silence, bool is_active) {
  JsonObjectWriter object;
  object.number("id", silence.id);
  object.json("rules", texts_json(silence.rules));
  object.json("hosts", texts_json(silence.hosts));
  object.json("tags", tags_json(silence.tags));
  object.json("instances", texts_json(silence.instances));
  object.number("from", silence.from);
  object.number("until", silence.until);
  object.json("weekly", texts_json(silence.weekly));
  object.text("reason", silence.reason);
  object.text("author", silence.author);
  object.number("created", silence.created);
  object.boolean("active", is_active);
  return object.finish();
}

std::string delivery_json(const storage::DeliveryRow& delivery) {
  const std::optional<delivery::Message> message = delivery::message_from_body(delivery.body);
  const auto alarm_json = [](const delivery::AlarmNotice& notice) {
    JsonObjectWriter object;
    object.number("id", notice.id);
    object.text("event", notice.event);
    object.text("name", notice.name);
    object.text("host", notice.host);
    object.text("instance", notice.instance);
    object.text("severity", notice.severity);
    return object.finish();
  };
  JsonObjectWriter object;
  object.text("id", delivery.id);
  object.text("channel", delivery.channel);
  object.number("created", delivery.created);
  object.number("due", delivery.due);
  object.number("attempts", delivery.attempts);
  object.text("state", delivery.state);
  object.number("status", delivery.status);
  object.text("error", delivery.error);
  object.json("alarms", message ? list_json(message->alarms, alarm_json) : "[]");
  object.number("left_out", message ? static_cast<std::int64_t>(message->left_out) : 0);
  return object.finish();
}

}  // namespace hostwatch::api
