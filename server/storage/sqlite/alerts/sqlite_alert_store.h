#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/storage/alert_store.h"

namespace hostwatch::storage::sqlite {

struct StoreParts;

/// The part of SqliteStore that keeps alarms, in the same file and by the same writer.
class SqliteAlertStore final : public AlertStore {
 public:
  explicit SqliteAlertStore(StoreParts& parts) : parts_(parts) {}

  void watch(AppendWatcher* watcher) override;
  void write(const AlertChanges& changes) override;
  AlertState alert_state() const override;
  std::vector<AlarmRow> alarms(const AlarmQuery& query) const override;
  std::optional<AlarmStory> alarm(std::int64_t id) const override;
  std::vector<AlarmToldRow> told_of(std::span<const std::int64_t> alarms) const override;
  std::vector<DeliveryRow> dead_letters(std::int64_t limit) const override;
  std::vector<DeliveryRow> deliveries(std::string_view channel, std::int64_t limit) const override;
  std::vector<DeliveryRow> deliveries(const DeliveryQuery& query) const override;

 private:
  StoreParts& parts_;
};

}  // namespace hostwatch::storage::sqlite
