#include "server/api/alerts/alarm_list.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

#include "server/alerts/rules/severity.h"
#include "server/storage/alert_store.h"

namespace hostwatch::api {
namespace {

/// The hosts that alarms may be of; nothing: any. Those that are gone have no tags.
std::optional<std::set<std::string>> wanted_hosts(const storage::Store& store, const AlarmsQuery& query) {
  if (query.tags.empty()) {
    if (query.hosts.empty()) return std::nullopt;
    return query.hosts;
  }
  std::set<std::string> hosts;
  for (storage::HostBrief& host : store.hosts_with(query.tags)) {
    if (query.hosts.empty() || query.hosts.contains(host.name)) hosts.insert(std::move(host.name));
  }
  return hosts;
}

bool comes_before(const alerts::OpenAlarm* a, const alerts::OpenAlarm* b) {
  const auto rank = [](const storage::AlarmRow& row) {
    return std::tuple(alerts::severity_named(row.severity).value_or(alerts::Severity::info), row.fired,
                      row.id);
  };
  return rank(a->row) > rank(b->row);
}

std::vector<const alerts::OpenAlarm*> find_open(const alerts::AlertSnapshot& snapshot,
                                                const AlarmsQuery& query,
                                                const std::set<std::string>* hosts) {
  std::vector<const alerts::OpenAlarm*> found;
  for (const auto& [id, alarm] : snapshot.open) {
    if (asks_for(query, hosts, alarm.row)) found.push_back(&alarm);
  }
  std::sort(found.begin(), found.end(), comes_before);
  return found;
}

/// One more than there is room for, so that it is known whether there are more.
std::vector<storage::AlarmRow> find_ended(const storage::Store& store, const AlarmsQuery& query,
                                          const std::set<std::string>* hosts, std::size_t room) {
  storage::AlarmQuery wanted;
  wanted.open = false;
  if (hosts != nullptr) wanted.hosts.assign(hosts->begin(), hosts->end());
  wanted.rules.assign(query.rules.begin(), query.rules.end());
  wanted.severity = query.severity;
  wanted.from = query.from;
  wanted.to = query.to;
  wanted.limit = static_cast<std::int64_t>(room) + 1;
  return store.alerts().alarms(wanted);
}

}  // namespace

const std::vector<std::string>& AlarmList::told_of(std::int64_t alarm) const {
  static const std::vector<std::string> kNobody;
  const auto found = told.find(alarm);
  return found == told.end() ? kNobody : found->second;
}

AlarmList find_alarms(const storage::Store& store, const alerts::AlertSnapshot& snapshot,
                      const AlarmsQuery& query) {
  AlarmList list;
  const auto wanted = wanted_hosts(store, query);
  const std::set<std::string>* const hosts = wanted ? &*wanted : nullptr;
  if (hosts != nullptr && hosts->empty()) return list;
  list.open = find_open(snapshot, query, hosts);
  list.has_more = list.open.size() > query.limit;
  if (list.has_more) list.open.resize(query.limit);
  if (!query.ended || list.has_more) return list;
  list.ended = find_ended(store, query, hosts, query.limit - list.open.size());
  // One that ended since the snapshot was taken is there once.
  const auto has_ended = [&](const alerts::OpenAlarm* open) {
    return std::any_of(list.ended.begin(), list.ended.end(),
                       [open](const storage::AlarmRow& row) { return row.id == open->row.id; });
  };
  list.open.erase(std::remove_if(list.open.begin(), list.open.end(), has_ended), list.open.end());
  const std::size_t room = query.limit - list.open.size();
  list.has_more = list.ended.size() > room;
  if (list.has_more) list.ended.resize(room);
  std::vector<std::int64_t> ids;
  std::transform(list.ended.begin(), list.ended.end(), std::back_inserter(ids),
                 [](const storage::AlarmRow& row) { return row.id; });
  for (storage::AlarmToldRow& row : store.alerts().told_of(ids)) {
    list.told[row.alarm].push_back(std::move(row.channel));
  }
  return list;
}

}  // namespace hostwatch::api
