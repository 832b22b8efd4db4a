#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/server/storage/sqlite/alerts/alert_rows_fixture.h"

namespace hostwatch::storage {

/// What see() was told of a host, kept.
struct SeenHost {
  std::int64_t host = 0;
  std::string name;
  bool is_new = false;
  std::int64_t newest = 0;
  std::int64_t interval = 0;
  protocol::HostFacts facts;
  bool facts_changed = false;
  std::int64_t now = 0;
  std::vector<const protocol::ReceivedReading*> addresses;  ///< good while the requests are
  std::vector<protocol::ReceivedReading> readings;

  std::vector<double> cpu() const {
    std::vector<double> values;
    for (const protocol::ReceivedReading& reading : readings) values.push_back(reading.cpu);
    return values;
  }
};

/// Notes what it is called with, and does what the test says.
class RecordingWatcher final : public AppendWatcher {
 public:
  void see(const NewReadings& host, std::int64_t now) override {
    calls.push_back("see");
    SeenHost seen_now{host.host,   std::string(host.name), host.is_new, host.newest, host.interval,
                      *host.facts, host.facts_changed,     now,         {},          {}};
    for (const protocol::ReceivedReading* reading : host.readings) {
      seen_now.addresses.push_back(reading);
      seen_now.readings.push_back(*reading);
    }
    seen.push_back(std::move(seen_now));
    if (on_see) on_see();
  }
  const AlertChanges& changes() override {
    calls.push_back("changes");
    if (on_changes) on_changes();
    return changes_for_next;
  }
  void committed() noexcept override {
    calls.push_back("committed");
    changes_for_next.clear();
  }
  void rolled_back() noexcept override {
    calls.push_back("rolled_back");
    changes_for_next.clear();
  }
  void clear() {
    seen.clear();
    calls.clear();
  }

  std::vector<SeenHost> seen;
  std::vector<std::string> calls;
  AlertChanges changes_for_next;
  std::function<void()> on_see;
  std::function<void()> on_changes;
};

}  // namespace hostwatch::storage
