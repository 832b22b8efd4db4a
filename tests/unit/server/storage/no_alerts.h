#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/storage/alert_store.h"

namespace hostwatch::storage {

/// Of a store that is made up for a test which is not about alarms: there are none, and none are kept.
class NoAlerts final : public AlertStore {
 public:
  void watch(AppendWatcher* /*watcher*/) override {}
  void write(const AlertChanges& /*changes*/) override {}
  AlertState alert_state() const override { return {}; }
  std::vector<AlarmRow> alarms(const AlarmQuery& /*query*/) const override { return {}; }
  std::optional<AlarmStory> alarm(std::int64_t /*id*/) const override { return std::nullopt; }
  std::vector<AlarmToldRow> told_of(std::span<const std::int64_t> /*alarms*/) const override { return {}; }
  std::vector<DeliveryRow> dead_letters(std::int64_t /*limit*/) const override { return {}; }
  std::vector<DeliveryRow> deliveries(std::string_view /*channel*/, std::int64_t /*limit*/) const override {
    return {};
  }
  std::vector<DeliveryRow> deliveries(const DeliveryQuery& /*query*/) const override { return {}; }
};

}  // namespace hostwatch::storage
