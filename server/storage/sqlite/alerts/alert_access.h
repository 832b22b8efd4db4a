#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/storage/alert_rows.h"
#include "server/storage/sqlite/database/connection.h"

namespace hostwatch::storage::sqlite {

/// Reads the alarms' tables over connections of their own, each answer as of one moment. Thread-safe. See
/// AlertStore. Throws StoreError.
class AlertAccess {
 public:
  explicit AlertAccess(ReaderPool& readers) : readers_(readers) {}

  AlertState state() const;
  std::vector<AlarmRow> alarms(const AlarmQuery& query) const;
  std::optional<AlarmStory> alarm(std::int64_t id) const;
  std::vector<AlarmToldRow> told_of(std::span<const std::int64_t> alarms) const;
  std::vector<DeliveryRow> dead_letters(std::int64_t limit) const;
  std::vector<DeliveryRow> deliveries(std::string_view channel, std::int64_t limit) const;
  std::vector<DeliveryRow> deliveries(const DeliveryQuery& query) const;

 private:
  ReaderPool& readers_;
};

}  // namespace hostwatch::storage::sqlite
