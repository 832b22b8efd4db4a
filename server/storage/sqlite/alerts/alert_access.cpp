#include "server/storage/sqlite/alerts/alert_access.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "server/storage/sqlite/alerts/alert_columns.h"
#include "server/storage/store.h"
#include "util/text/json_text.h"

namespace hostwatch::storage::sqlite {
namespace {

// Each list of columns, and the row that they are taken into.

constexpr const char* kRuleColumns = "id, revision, source, definition, changed, changed_by";
void take(SQLite::Statement& row, RuleRow& rule) {
  take_row(row, rule.id, rule.revision, rule.source, rule.definition, rule.changed, rule.changed_by);
}

constexpr const char* kStateColumns =
    "rule, host, instance, state, severity, since, held, held_high, cleared, cleared_high, alarm, measured, "
    "value";
void take(SQLite::Statement& row, AlarmStateRow& state) {
  take_row(row, state.rule, state.host, state.instance, state.state, state.severity, state.since, state.held,
           state.held_high, state.cleared, state.cleared_high, state.alarm, state.measured, state.value);
}

constexpr const char* kAlarmColumns =
    "id, rule, host, instance, severity, highest, started, fired, ended, end_reason, value_fired, "
    "value_worst, value_ended, limit_value, late, flapping, ack_by, ack_until, ack_note";
void take(SQLite::Statement& row, AlarmRow& alarm) {
  take_row(row, alarm.id, alarm.rule, alarm.host, alarm.instance, alarm.severity, alarm.highest,
           alarm.started, alarm.fired, alarm.ended, alarm.end_reason, alarm.value_fired, alarm.value_worst,
           alarm.value_ended, alarm.limit, alarm.late, alarm.flapping, alarm.ack_by, alarm.ack_until,
           alarm.ack_note);
}

constexpr const char* kEventColumns = "alarm, at, decided, kind, value, detail";
void take(SQLite::Statement& row, AlarmEventRow& event) {
  take_row(row, event.alarm, event.at, event.decided, event.kind, event.value, event.detail);
}

constexpr const char* kToldColumns = "alarm, channel, state, at, delivery";
void take(SQLite::Statement& row, AlarmToldRow& told) {
  take_row(row, told.alarm, told.channel, told.state, told.at, told.delivery);
}

constexpr const char* kDeliveryColumns = "id, channel, body, created, due, attempts, state, status, error";
void take(SQLite::Statement& row, DeliveryRow& delivery) {
  take_row(row, delivery.id, delivery.channel, delivery.body, delivery.created, delivery.due,
           delivery.attempts, delivery.state, delivery.status, delivery.error);
}

constexpr const char* kSilenceColumns = "id, definition, author, created, until";
void take(SQLite::Statement& row, SilenceRow& silence) {
  take_row(row, silence.id, silence.definition, silence.author, silence.created, silence.until);
}

/// Alarms that are open, or whose end was not told to all who were told that they fire.
const std::string kUnfinished =
    "SELECT id FROM alarm WHERE ended = 0 UNION SELECT alarm FROM alarm_told WHERE state <> 'ended'";

/// All rows of "SELECT columns rest".
template <typename Row, typename... Values>
std::vector<Row> alert_rows_of(SQLite::Database& database, const char* columns, const std::string& rest,
                               const Values&... values) {
  SQLite::Statement statement(database, std::string("SELECT ") + columns + " " + rest);
  bind_values(statement, values...);
  std::vector<Row> rows;
  while (statement.executeStep()) take(statement, rows.emplace_back());
  return rows;
}

/// The greatest number that the table ever gave.
std::int64_t last_number(SQLite::Database& database, const char* table) {
  SQLite::Statement row(database, "SELECT seq FROM sqlite_sequence WHERE name = ?");
  row.bind(1, table);
  return row.executeStep() ? row.getColumn(0).getInt64() : 0;
}

/// Does the reading at one moment.
template <typename Work>
auto at_one_moment(ReaderPool& readers, const Work& work) {
  try {
    ReaderPool::Lease reader = readers.lend();
    reader->statement("BEGIN").exec();  // the lease ends it
    return work(reader->database());
  } catch (const SQLite::Exception& error) {
    throw StoreError(std::string("the database cannot be read: ") + error.what());
  }
}

/// The index by which the fewest rows are looked at that are not asked for: open ones are few; and a range
/// often is of late, when most ended long before.
std::string index_for(const AlarmQuery& query, bool open) {
  if (open) return "alarm_open";
  if (!query.hosts.empty()) return "alarm_by_host";
  return query.from > 0 ? "alarm_ended" : "alarm_by_time";
}

/// What comes after the columns: open alarms or ended ones, newest first. The texts are in ?1 (hosts), ?2
/// (rules) and ?3 (severity), the times in ?4 and ?5, the limit in ?6.
std::string sql_of(const AlarmQuery& query, bool open) {
  std::string sql = "FROM alarm INDEXED BY " + index_for(query, open) + " WHERE fired <= ?5";
  sql += open ? " AND ended = 0" : " AND ended <> 0 AND ended >= ?4";
  if (!query.hosts.empty()) sql += " AND host IN (SELECT value FROM json_each(?1))";
  if (!query.rules.empty()) sql += " AND rule IN (SELECT value FROM json_each(?2))";
  if (!query.severity.empty()) sql += " AND highest = ?3";
  return sql + " ORDER BY fired DESC, id DESC LIMIT ?6";
}

std::string json_of(const std::vector<std::string>& names) {
  std::string json = "[";
  for (const std::string& name : names) {
    if (json.size() > 1) json += ',';
    util::append_json_string(json, name);
  }
  return json + "]";
}

}  // namespace

/// A "+" keeps SQLite from walking through all rows in their order for the few that are open, or waiting.
AlertState AlertAccess::state() const {
  return at_one_moment(readers_, [](SQLite::Database& database) {
    AlertState state;
    state.rules = alert_rows_of<RuleRow>(database, kRuleColumns, "FROM alert_rule ORDER BY id");
    state.states = alert_rows_of<AlarmStateRow>(database, kStateColumns,
                                                "FROM alarm_state ORDER BY rule, host, instance");
    state.open_alarms = alert_rows_of<AlarmRow>(database, kAlarmColumns,
                                                "FROM alarm WHERE id IN (" + kUnfinished + ") ORDER BY +id");
    state.told = alert_rows_of<AlarmToldRow>(
        database, kToldColumns,
        "FROM alarm_told WHERE alarm IN (" + kUnfinished + ") ORDER BY alarm, channel");
    state.waiting = alert_rows_of<DeliveryRow>(
        database, kDeliveryColumns, "FROM alert_delivery WHERE state = 'waiting' ORDER BY +number");
    state.silences = alert_rows_of<SilenceRow>(database, kSilenceColumns, "FROM alert_silence ORDER BY id");
    SQLite::Statement routes(database, "SELECT definition FROM alert_route");
    if (routes.executeStep()) state.routes = routes.getColumn(0).getString();
    state.last_alarm = last_number(database, "alarm");
    state.last_silence = last_number(database, "alert_silence");
    return state;
  });
}

/// Open ones, and then the ended ones that there is room for.
std::vector<AlarmRow> AlertAccess::alarms(const AlarmQuery& query) const {
  const std::string hosts = json_of(query.hosts);
  const std::string rules = json_of(query.rules);
  return at_one_moment(readers_, [&](SQLite::Database& database) {
    std::vector<AlarmRow> found;
    for (const bool open : {true, false}) {
      const std::int64_t room =
          std::max<std::int64_t>(query.limit - static_cast<std::int64_t>(found.size()), 0);
      if (!(open ? query.open : query.ended) || room == 0) continue;
      std::vector<AlarmRow> rows =
          alert_rows_of<AlarmRow>(database, kAlarmColumns, sql_of(query, open), hosts, rules, query.severity,
                                  query.from, query.to, room);
      std::move(rows.begin(), rows.end(), std::back_inserter(found));
    }
    return found;
  });
}

std::optional<AlarmStory> AlertAccess::alarm(std::int64_t id) const {
  return at_one_moment(readers_, [&](SQLite::Database& database) {
    std::optional<AlarmStory> story;
    auto alarms = alert_rows_of<AlarmRow>(database, kAlarmColumns, "FROM alarm WHERE id = ?", id);
    if (alarms.empty()) return story;
    story.emplace();
    story->alarm = std::move(alarms.front());
    story->events = alert_rows_of<AlarmEventRow>(database, kEventColumns,
                                                 "FROM alarm_event WHERE alarm = ? ORDER BY id", id);
    story->told = alert_rows_of<AlarmToldRow>(database, kToldColumns,
                                              "FROM alarm_told WHERE alarm = ? ORDER BY channel", id);
    story->deliveries = alert_rows_of<DeliveryRow>(
        database, kDeliveryColumns,
        "FROM alert_delivery WHERE id IN (SELECT delivery FROM alarm_delivery WHERE alarm = ?) "
        "ORDER BY number",
        id);
    return story;
  });
}

std::vector<AlarmToldRow> AlertAccess::told_of(std::span<const std::int64_t> alarms) const {
  std::string numbers = "[";
  for (const std::int64_t alarm : alarms) numbers += (numbers.size() > 1 ? "," : "") + std::to_string(alarm);
  numbers += ']';
  return at_one_moment(readers_, [&](SQLite::Database& database) {
    return alert_rows_of<AlarmToldRow>(
        database, kToldColumns,
        "FROM alarm_told WHERE alarm IN (SELECT value FROM json_each(?)) ORDER BY alarm, channel", numbers);
  });
}

std::vector<DeliveryRow> AlertAccess::dead_letters(std::int64_t limit) const {
  return at_one_moment(readers_, [&](SQLite::Database& database) {
    return alert_rows_of<DeliveryRow>(database, kDeliveryColumns,
                                      "FROM alert_delivery WHERE state = 'dead' ORDER BY number DESC LIMIT ?",
                                      std::max<std::int64_t>(limit, 0));
  });
}

std::vector<DeliveryRow> AlertAccess::deliveries(std::string_view channel, std::int64_t limit) const {
  return at_one_moment(readers_, [&](SQLite::Database& database) {
    const std::int64_t most = std::max<std::int64_t>(limit, 0);
    if (channel.empty()) {
      return alert_rows_of<DeliveryRow>(database, kDeliveryColumns,
                                        "FROM alert_delivery ORDER BY number DESC LIMIT ?", most);
    }
    return alert_rows_of<DeliveryRow>(database, kDeliveryColumns,
                                      "FROM alert_delivery WHERE channel = ? ORDER BY number DESC LIMIT ?",
                                      std::string(channel), most);
  });
}

std::vector<DeliveryRow> AlertAccess::deliveries(const DeliveryQuery& query) const {
  std::string rest = "FROM alert_delivery WHERE true";
  if (!query.id.empty()) rest += " AND id = ?1";
  if (!query.channel.empty()) rest += " AND channel = ?2";
  if (query.state == "dead") rest += " AND state = 'dead'";  // as an index has it
  if (query.state == "waiting") rest += " AND state = 'waiting'";
  if (!query.state.empty()) rest += " AND state = ?3";
  // A "+": what waits is few.
  rest += query.state == "waiting" ? " ORDER BY +number DESC LIMIT ?4" : " ORDER BY number DESC LIMIT ?4";
  return at_one_moment(readers_, [&](SQLite::Database& database) {
    return alert_rows_of<DeliveryRow>(database, kDeliveryColumns, rest, query.id, query.channel, query.state,
                                      std::max<std::int64_t>(query.limit, 0));
  });
}

}  // namespace hostwatch::storage::sqlite
