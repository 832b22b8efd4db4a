#pragma once

#include <map>
#include <string>

#include "server/alerts/engine/alert_snapshot.h"
#include "server/alerts/rules/rule_check.h"
#include "server/api/alerts/alert_json.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// Writes rules with what is known of them: how many hosts they select, how many alarms are open by them,
/// what is odd about them. Gathers hosts, channels and alarms when it is made; what it is made with must
/// outlive it.
class RuleEntryWriter {
 public:
  RuleEntryWriter(const Services& services, const alerts::AlertSnapshot& snapshot);

  std::string json(const alerts::RuleEntry& entry) const;

 private:
  std::size_t hosts_of(const alerts::Rule& rule) const;

  alerts::CheckAgainst against_;
  std::map<std::string, std::size_t, std::less<>> open_;  ///< alarms, by rule
};

}  // namespace hostwatch::api
