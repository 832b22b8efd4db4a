#include "server/api/alerts/alerts_api.h"

#include <spdlog/spdlog.h>

#include <set>
#include <string>
#include <utility>
#include <variant>

#include "server/api/access/access_answers.h"
#include "server/api/alerts/alarm_list.h"
#include "server/api/alerts/alarms_query.h"
#include "server/api/alerts/alert_json.h"
#include "server/api/alerts/alert_requests.h"
#include "server/api/answer.h"
#include "server/api/change_later.h"
#include "server/http/requests/json_body.h"
#include "server/http/requests/query_text.h"
#include "util/text/text.h"

namespace hostwatch::api {
namespace {

constexpr std::size_t kMostNoteBytes = 500;

http::Response no_such_alarm() {
  return http::Response::error(404, "there is no alarm of that number");
}

struct Acknowledgement {
  std::string note;
  std::int64_t until = 0;
};

std::variant<Acknowledgement, std::string> acknowledgement_in(const util::JsonObject& body,
                                                              std::int64_t now) {
  Acknowledgement wanted;
  wanted.note = util::make_printable(http::text_of(body, "note"), kMostNoteBytes);
  if (!body.has_value("until")) return wanted;
  const auto found = body.members.find("until");
  const auto* until = found == body.members.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  if (until == nullptr || *until < 0) return "until must be Unix seconds, or 0: until the alarm ends";
  if (*until != 0 && *until <= now) return "until must be in the future, or 0: until the alarm ends";
  wanted.until = *until;
  return wanted;
}

}  // namespace

void AlertsApi::add_routes(Router& router) {
  router.add("GET", "/alerts", Permission::read, [this](const Call& call) { return list(call); });
  router.add("GET", "/alerts/pending", Permission::read, [this](const Call& call) { return pending(call); });
  router.add("GET", "/alerts/{id}", Permission::read, [this](const Call& call) { return one(call); });
  router.add("POST", "/alerts/{id}/acknowledge", Permission::manage,
             [this](const Call& call) { return acknowledge(call); });
  router.add("DELETE", "/alerts/{id}/acknowledge", Permission::manage,
             [this](const Call& call) { return take_back(call); });
}

Reply AlertsApi::list(const Call& call) const {
  auto parsed = parse_alarms_query(http::query_parameters(call.request.target));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return refuse(400, *wrong);
  return write_later(
      services_.workers.queries, call, services_.limits,
      [this, query = std::get<AlarmsQuery>(std::move(parsed))](AnswerText& text, http::Response&) {
        const alerts::SharedSnapshot snapshot = services_.alerts.engine.snapshot();
        const AlarmList list = find_alarms(services_.store, *snapshot, query);
        AlarmWriter writer(services_.store, *snapshot);
        text.out() += "{\"now\":" + std::to_string(services_.clock()) +
                      ",\"open\":" + counts_json(snapshot->all) +
                      ",\"count\":" + std::to_string(list.open.size() + list.ended.size()) +
                      ",\"more\":" + (list.has_more ? "true" : "false") + ",\"alarms\":[";
        const char* separator = "";
        const auto add = [&](const std::string& alarm) {
          text.out().append(separator).append(alarm);
          separator = ",";
          text.go_on();
        };
        for (const alerts::OpenAlarm* const alarm : list.open) add(writer.open(*alarm));
        for (const storage::AlarmRow& alarm : list.ended) add(writer.ended(alarm, list.told_of(alarm.id)));
        text.out() += "]}";
      });
}

Reply AlertsApi::pending(const Call& call) const {
  auto parsed = parse_alarms_query(http::query_parameters(call.request.target));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return refuse(400, *wrong);
  return write_later(
      services_.workers.queries, call, services_.limits,
      [this, query = std::get<AlarmsQuery>(std::move(parsed))](AnswerText& text, http::Response&) {
        const alerts::SharedSnapshot snapshot = services_.alerts.engine.snapshot();
        std::size_t count = 0;
        text.out() += "{\"pending\":[";
        for (const alerts::PendingAlarm& one : snapshot->pending) {
          if (!query.hosts.empty() && !query.hosts.contains(one.host)) continue;
          if (++count > AlarmsQuery::kMostAlarms) continue;
          if (count > 1) text.out() += ',';
          text.out() += pending_json(one, *snapshot);
          text.go_on();
        }
        text.out() += "],\"count\":" + std::to_string(count) + '}';
      });
}

/// Who is told what and why is known to the writing thread alone. It is asked there.
http::Response AlertsApi::story(std::int64_t alarm) const {
  const auto story = std::as_const(services_.store).alerts().alarm(alarm);
  if (!story) return no_such_alarm();
  const alerts::SharedSnapshot snapshot = services_.alerts.engine.snapshot();
  AlarmWriter writer(services_.store, *snapshot);
  return http::Response::json(
      writer.story(*story, services_.alerts.engine.teller().why(*story, services_.clock())));
}

Reply AlertsApi::one(const Call& call) const {
  const auto alarm = number_in_path(call.path.at("id"));
  if (!alarm) return Reply::now(no_such_alarm());
  return look_later(services_.ingest, call, [this, alarm = *alarm](storage::Store&) { return story(alarm); });
}

Reply AlertsApi::acknowledge(const Call& call) const {
  const auto alarm = number_in_path(call.path.at("id"));
  if (!alarm) return Reply::now(no_such_alarm());
  auto body = http::read_json_body(call.request);
  if (auto* refusal = std::get_if<http::Response>(&body)) return Reply::now(std::move(*refusal));
  const auto wanted = acknowledgement_in(std::get<util::JsonObject>(body), services_.clock());
  if (const auto* wrong = std::get_if<std::string>(&wanted)) return refuse(400, *wrong);
  const auto& [note, until] = std::get<Acknowledgement>(wanted);
  return change(call, *alarm, author_of(services_, call), note, until);
}

Reply AlertsApi::take_back(const Call& call) const {
  const auto alarm = number_in_path(call.path.at("id"));
  if (!alarm) return Reply::now(no_such_alarm());
  return change(call, *alarm, {}, {}, 0);
}

/// `by` empty: it is taken back.
Reply AlertsApi::change(const Call& call, std::int64_t alarm, const std::string& by, const std::string& note,
                        std::int64_t until) const {
  auto work = [this, alarm, by, note, until,
               maker = services_.access.maker_of(call.context.caller)](storage::Store& store) {
    if (!services_.alerts.engine.acknowledge(alarm, by, note, until)) {
      if (!store.alerts().alarm(alarm)) return no_such_alarm();
      return http::Response::error(409, "the alarm is over");
    }
    spdlog::info("alarm {} was {} by {}", alarm,
                 by.empty() ? "made one again that nobody has acknowledged" : "acknowledged", shown(maker));
    return story(alarm);
  };
  return change_later(services_.ingest, call, {}, "changed", std::move(work));
}

}  // namespace hostwatch::api
