#include "server/delivery/posted_alerts.h"

#include <iterator>
#include <utility>

namespace hostwatch::delivery {
namespace {

bool is_same_alert(const AlarmNotice& one, const AlarmNotice& other) {
  return one.id == other.id && one.severity == other.severity && one.tags == other.tags;
}

}  // namespace

std::vector<AlarmNotice> PostedAlerts::complete(std::vector<AlarmNotice> alarms, std::int64_t now) {
  std::map<std::int64_t, AlarmNotice> before = std::exchange(open_, {});
  for (const AlarmNotice& alarm : alarms) {
    // It may become again what it was.
    std::erase_if(replaced_, [&](const AlarmNotice& replaced) { return is_same_alert(replaced, alarm); });
    if (auto known = before.extract(alarm.id); known && !is_same_alert(known.mapped(), alarm)) {
      replace(std::move(known.mapped()), now);
    }
    if (!alarm.ended) open_.emplace(alarm.id, alarm);
  }
  for (auto& [id, alarm] : before) replace(std::move(alarm), now);
  std::erase_if(replaced_, [&](const AlarmNotice& replaced) { return *replaced.ended < now - kTold; });
  alarms.insert(alarms.end(), replaced_.begin(), replaced_.end());
  return alarms;
}

void PostedAlerts::replace(AlarmNotice before, std::int64_t now) {
  before.event = "ended";
  before.ended = now;
  replaced_.push_back(std::move(before));
}

}  // namespace hostwatch::delivery
