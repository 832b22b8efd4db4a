#pragma once

#include <cstdint>

#include "server/storage/alert_rows.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// Writes the alarms' tables, within the caller's transaction. What is written twice is there once. For the
/// writing thread. Throws SQLite::Exception.
class AlertTables {
 public:
  explicit AlertTables(Writer& writer) : writer_(writer) {}

  void write(const AlertChanges& changes);

  /// So many of what is to be forgotten go in one transaction, the oldest first, as readings wait for it.
  static constexpr std::int64_t kForgottenAtOnce = 5000;

 private:
  void write_rules(const AlertChanges& changes);
  void write_alarms(const AlertChanges& changes);
  void write_states(const AlertChanges& changes);
  void write_events(const AlertChanges& changes);
  void write_told(const AlertChanges& changes);
  void write_deliveries(const AlertChanges& changes);
  void write_silences_and_routes(const AlertChanges& changes);
  void forget_alarms(std::int64_t before);
  void forget_deliveries(std::int64_t before);

  Writer& writer_;
};

}  // namespace hostwatch::storage::sqlite
