#include "server/storage/sqlite/alerts/sqlite_alert_store.h"

#include "server/storage/sqlite/store_parts.h"

namespace hostwatch::storage::sqlite {

void SqliteAlertStore::watch(AppendWatcher* watcher) {
  parts_.appender.watch(watcher);
}

void SqliteAlertStore::write(const AlertChanges& changes) {
  if (changes.empty()) return;
  // A transaction that was told to have failed may be there after all.
  if (parts_.recover_if_broken()) {
    throw StoreError(
        "the database was opened again after an error: what is to be written of alarms is stale");
  }
  parts_.writer.look_for_file();
  parts_.writer.in_transaction(Writer::Sync::at_once, [&] { parts_.alert_tables.write(changes); });
}

AlertState SqliteAlertStore::alert_state() const {
  return parts_.alert_access.state();
}

std::vector<AlarmRow> SqliteAlertStore::alarms(const AlarmQuery& query) const {
  return parts_.alert_access.alarms(query);
}

std::optional<AlarmStory> SqliteAlertStore::alarm(std::int64_t id) const {
  return parts_.alert_access.alarm(id);
}

std::vector<AlarmToldRow> SqliteAlertStore::told_of(std::span<const std::int64_t> alarms) const {
  return parts_.alert_access.told_of(alarms);
}

std::vector<DeliveryRow> SqliteAlertStore::dead_letters(std::int64_t limit) const {
  return parts_.alert_access.dead_letters(limit);
}

std::vector<DeliveryRow> SqliteAlertStore::deliveries(std::string_view channel, std::int64_t limit) const {
  return parts_.alert_access.deliveries(channel, limit);
}

std::vector<DeliveryRow> SqliteAlertStore::deliveries(const DeliveryQuery& query) const {
  return parts_.alert_access.deliveries(query);
}

}  // namespace hostwatch::storage::sqlite
