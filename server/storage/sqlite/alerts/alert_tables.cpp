#include "server/storage/sqlite/alerts/alert_tables.h"

#include "server/storage/sqlite/alerts/alert_columns.h"

namespace hostwatch::storage::sqlite {

void AlertTables::write(const AlertChanges& changes) {
  write_rules(changes);
  write_alarms(changes);
  write_states(changes);
  write_events(changes);
  write_told(changes);
  write_deliveries(changes);
  write_silences_and_routes(changes);
  if (changes.forget_alarms_before != 0) forget_alarms(changes.forget_alarms_before);
  if (changes.forget_deliveries_before != 0) forget_deliveries(changes.forget_deliveries_before);
}

void AlertTables::write_rules(const AlertChanges& changes) {
  for (const RuleRow& rule : changes.rules) {
    run_with(writer_.statement("INSERT OR REPLACE INTO alert_rule "
                               "(id, revision, source, definition, changed, changed_by) "
                               "VALUES (?, ?, ?, ?, ?, ?)"),
             rule.id, rule.revision, rule.source, rule.definition, rule.changed, rule.changed_by);
  }
  for (const std::string& id : changes.removed_rules) {
    run_with(writer_.statement("DELETE FROM alert_rule WHERE id = ?"), id);
  }
}

void AlertTables::write_alarms(const AlertChanges& changes) {
  for (const AlarmRow& alarm : changes.alarms) {
    run_with(writer_.statement(
                 "INSERT INTO alarm (id, rule, host, instance, severity, highest, started, fired, ended, "
                 "end_reason, value_fired, value_worst, value_ended, limit_value, late, flapping, ack_by, "
                 "ack_until, ack_note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                 "ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, host = excluded.host, "
                 "instance = excluded.instance, severity = excluded.severity, highest = excluded.highest, "
                 "started = excluded.started, fired = excluded.fired, ended = excluded.ended, "
                 "end_reason = excluded.end_reason, value_fired = excluded.value_fired, "
                 "value_worst = excluded.value_worst, value_ended = excluded.value_ended, "
                 "limit_value = excluded.limit_value, late = excluded.late, flapping = excluded.flapping, "
                 "ack_by = excluded.ack_by, ack_until = excluded.ack_until, ack_note = excluded.ack_note"),
             alarm.id, alarm.rule, alarm.host, alarm.instance, alarm.severity, alarm.highest, alarm.started,
             alarm.fired, alarm.ended, alarm.end_reason, alarm.value_fired, alarm.value_worst,
             alarm.value_ended, alarm.limit, alarm.late, alarm.flapping, alarm.ack_by, alarm.ack_until,
             alarm.ack_note);
  }
}

void AlertTables::write_states(const AlertChanges& changes) {
  for (const AlarmStateRow& state : changes.states) {
    run_with(writer_.statement(
                 "INSERT OR REPLACE INTO alarm_state (rule, host, instance, state, severity, since, held, "
                 "held_high, cleared, cleared_high, alarm, measured, value) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
             state.rule, state.host, state.instance, state.state, state.severity, state.since, state.held,
             state.held_high, state.cleared, state.cleared_high, state.alarm, state.measured, state.value);
  }
  for (const AlarmStateRow& state : changes.removed_states) {
    run_with(writer_.statement("DELETE FROM alarm_state WHERE rule = ? AND host = ? AND instance = ?"),
             state.rule, state.host, state.instance);
  }
}

/// An event has no key of its own: after an error the same may be written again.
void AlertTables::write_events(const AlertChanges& changes) {
  for (const AlarmEventRow& event : changes.events) {
    run_with(writer_.statement(
                 "INSERT INTO alarm_event (alarm, at, decided, kind, value, detail) "
                 "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM alarm_event WHERE alarm = ?1 "
                 "AND decided = ?3 AND at = ?2 AND kind = ?4 AND value IS ?5 AND detail = ?6)"),
             event.alarm, event.at, event.decided, event.kind, event.value, event.detail);
  }
}

void AlertTables::write_told(const AlertChanges& changes) {
  for (const AlarmToldRow& told : changes.told) {
    run_with(writer_.statement("INSERT OR REPLACE INTO alarm_told (alarm, channel, state, at, delivery) "
                               "VALUES (?, ?, ?, ?, ?)"),
             told.alarm, told.channel, told.state, told.at, told.delivery);
    if (told.delivery.empty()) continue;
    run_with(writer_.statement("INSERT OR IGNORE INTO alarm_delivery (alarm, delivery) VALUES (?, ?)"),
             told.alarm, told.delivery);
  }
}

void AlertTables::write_deliveries(const AlertChanges& changes) {
  for (const DeliveryRow& delivery : changes.deliveries) {
    run_with(writer_.statement(
                 "INSERT INTO alert_delivery (id, channel, body, created, due, attempts, state, status, "
                 "error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                 "channel = excluded.channel, body = excluded.body, created = excluded.created, "
                 "due = excluded.due, attempts = excluded.attempts, state = excluded.state, "
                 "status = excluded.status, error = excluded.error"),
             delivery.id, delivery.channel, delivery.body, delivery.created, delivery.due, delivery.attempts,
             delivery.state, delivery.status, delivery.error);
  }
}

void AlertTables::write_silences_and_routes(const AlertChanges& changes) {
  for (const SilenceRow& silence : changes.silences) {
    run_with(
        writer_.statement("INSERT OR REPLACE INTO alert_silence (id, definition, author, created, until) "
                          "VALUES (?, ?, ?, ?, ?)"),
        silence.id, silence.definition, silence.author, silence.created, silence.until);
  }
  for (const std::int64_t id : changes.removed_silences) {
    run_with(writer_.statement("DELETE FROM alert_silence WHERE id = ?"), id);
  }
  if (changes.routes) {
    run_with(writer_.statement("INSERT OR REPLACE INTO alert_route (id, definition) VALUES (1, ?)"),
             *changes.routes);
  }
}

/// What belongs to an alarm goes first: which ones they are is in `alarm` alone.
void AlertTables::forget_alarms(std::int64_t before) {
  for (const char* sql :
       {"DELETE FROM alarm_event WHERE alarm IN (SELECT id FROM alarm WHERE ended <> 0 AND ended < ?1 "
        "ORDER BY ended, id LIMIT ?2)",
        "DELETE FROM alarm_told WHERE alarm IN (SELECT id FROM alarm WHERE ended <> 0 AND ended < ?1 "
        "ORDER BY ended, id LIMIT ?2)",
        "DELETE FROM alarm_delivery WHERE alarm IN (SELECT id FROM alarm WHERE ended <> 0 AND ended < ?1 "
        "ORDER BY ended, id LIMIT ?2)",
        "DELETE FROM alarm WHERE id IN (SELECT id FROM alarm WHERE ended <> 0 AND ended < ?1 "
        "ORDER BY ended, id LIMIT ?2)"}) {
    run_with(writer_.statement(sql), before, kForgottenAtOnce);
  }
}

void AlertTables::forget_deliveries(std::int64_t before) {
  run_with(writer_.statement("DELETE FROM alert_delivery WHERE number IN (SELECT number FROM alert_delivery "
                             "WHERE state <> 'waiting' AND created < ?1 ORDER BY created LIMIT ?2)"),
           before, kForgottenAtOnce);
}

}  // namespace hostwatch::storage::sqlite
