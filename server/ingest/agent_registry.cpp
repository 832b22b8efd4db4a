#include "server/ingest/agent_registry.h"

#include <algorithm>
#include <cstdlib>

namespace hostwatch::ingest {
namespace {

constexpr std::size_t kIdentityDigits = 32;
constexpr std::size_t kShownDigits = 8;
constexpr std::int64_t kSilentIntervals = 5;
constexpr std::int64_t kLongestInterval = 86'400;  // an interval is what a host says of itself

std::string seconds_text(std::int64_t seconds) {
  return std::to_string(std::abs(seconds)) + " s " + (seconds < 0 ? "behind" : "ahead of");
}

}  // namespace

bool is_agent_identity(std::string_view text) {
  return text.size() == kIdentityDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string_view short_identity(std::string_view identity) {
  return identity.substr(0, kShownDigits);
}

std::int64_t AgentRegistry::silence_of(const Host& host) {
  return std::max(kLeastSilence, kSilentIntervals * host.interval);
}

std::vector<const KnownAgent*> AgentRegistry::active(const Host& host, std::int64_t now) {
  std::vector<const KnownAgent*> agents;
  for (const KnownAgent& agent : host.agents) {
    if (now - agent.last_heard <= silence_of(host)) agents.push_back(&agent);
  }
  return agents;
}

std::string AgentRegistry::describe_conflict(const std::string& name, const Host& host, std::int64_t now) {
  const std::vector<const KnownAgent*> agents = active(host, now);
  std::string who;
  for (std::size_t i = 0; i < agents.size(); ++i) {
    if (i != 0) who += i + 1 == agents.size() ? " and " : ", ";
    who += agents[i]->address + " (agent " + std::string(short_identity(agents[i]->identity)) + ")";
  }
  const char* number = agents.size() == 2 ? "two" : agents.size() == 3 ? "three" : "several";
  return std::string(number) + " agents report as '" + name + "': " + who +
         "; give each machine a name of its own with --hostname (AGENT_HOSTNAME)";
}

std::string AgentRegistry::describe_rivals(const std::string& name, const Host& host) {
  const std::string& first = host.rivals.front().way.address;
  const bool is_one_address = std::all_of(host.rivals.begin(), host.rivals.end(),
                                          [&](const Rival& rival) { return rival.way.address == first; });
  std::string who = is_one_address ? first + ", by several connections" : "";
  for (const Rival& rival : host.rivals) {
    if (is_one_address || who.find(rival.way.address) != std::string::npos) continue;
    who += (who.empty() ? "" : " and ") + rival.way.address;
  }
  return "two machines report as '" + name +
         "' with different values for the same seconds, of which the first is kept: " + who +
         "; if one is a copy of the other, empty its /etc/machine-id, and give each machine a name of its "
         "own with "
         "--hostname (AGENT_HOSTNAME)";
}

/// Empty if there is none.
std::string AgentRegistry::conflict_of(const std::string& name, const Host& host, std::int64_t now) {
  if (host.in_conflict) return describe_conflict(name, host, now);
  return host.values_conflict ? describe_rivals(name, host) : std::string();
}

void AgentRegistry::note_contradiction(Host& host, const Way& way, std::int64_t now) {
  auto rival =
      std::find_if(host.rivals.begin(), host.rivals.end(), [&](const Rival& one) { return one.way == way; });
  if (rival == host.rivals.end()) {
    if (host.rivals.size() == kMostRivals) {
      host.rivals.erase(std::min_element(host.rivals.begin(), host.rivals.end(),
                                         [](const Rival& a, const Rival& b) { return a.last < b.last; }));
    }
    rival = host.rivals.insert(host.rivals.end(), {way, 0, now});
  }
  ++rival->contradictions;
  rival->last = now;
}

void AgentRegistry::note_values(Host& host, const AgentReport& report, bool has_accepted,
                                bool is_conflicting) {
  const Way here{report.address, report.connection};
  if (is_conflicting && !host.holder.address.empty() && report.now - host.held <= silence_of(host)) {
    const bool is_elsewhere = here.address != host.holder.address;
    const bool is_beside = here.connection != 0 && host.holder.connection != 0 &&
                           here.connection != host.holder.connection && is_agent_identity(report.identity);
    if (is_elsewhere || is_beside) {
      note_contradiction(host, is_elsewhere ? Way{host.holder.address, 0} : host.holder, report.now);
      note_contradiction(host, is_elsewhere ? Way{here.address, 0} : here, report.now);
      const auto is_sure = [](const Rival& rival) { return rival.contradictions >= kContradictions; };
      if (std::count_if(host.rivals.begin(), host.rivals.end(), is_sure) > 1) host.values_conflict = true;
    }
  }
  if (!has_accepted) return;
  host.holder = here;
  host.held = report.now;
}

std::optional<std::int64_t> AgentRegistry::skew_of(const Host& host) {
  if (host.skew_count == 0) return std::nullopt;
  const auto end = host.skews.begin() + static_cast<std::ptrdiff_t>(std::min(host.skew_count, kSkews));
  return *std::max_element(host.skews.begin(), end);
}

/// Whether it begins a conflict is in host.in_conflict.
void AgentRegistry::note_identity(Host& host, const AgentReport& report) {
  const auto known = std::find_if(host.agents.begin(), host.agents.end(),
                                  [&](const KnownAgent& agent) { return agent.identity == report.identity; });
  if (known != host.agents.end()) {
    const bool is_back = host.latest != report.identity;
    const bool was_just_here = report.now - known->last_heard <= silence_of(host);
    if (is_back && was_just_here) host.in_conflict = true;
    known->address = report.address;
    known->last_heard = std::max(known->last_heard, report.now);
  } else {
    if (host.agents.size() == kMostIdentities) {
      const auto oldest = std::min_element(
          host.agents.begin(), host.agents.end(),
          [](const KnownAgent& a, const KnownAgent& b) { return a.last_heard < b.last_heard; });
      // Agents at work are kept: with five in turn each would else be forgotten before it comes back.
      if (report.now - oldest->last_heard <= silence_of(host)) return;
      host.agents.erase(oldest);
    }
    host.agents.push_back({report.identity, report.address, report.now, report.now});
  }
  host.latest = report.identity;
}

void AgentRegistry::note_skew(Host& host, std::int64_t skew) {
  host.skews.at(host.skew_count % kSkews) = skew;
  ++host.skew_count;
}

void AgentRegistry::judge_skew(const std::string& name, Host& host, std::vector<AgentNotice>& notices) {
  const std::optional<std::int64_t> skew = skew_of(host);
  if (!skew) return;
  if (!host.skew_told && std::abs(*skew) > kSkewBeyond) {
    host.skew_told = true;
    notices.push_back({true, "the clock of host '" + name + "' is " + seconds_text(*skew) +
                                 " the server's; set it, best by a time service (NTP)"});
  } else if (host.skew_told && std::abs(*skew) <= kSkewBackWithin) {
    host.skew_told = false;
    notices.push_back({false, "the clock of host '" + name + "' agrees with the server's again"});
  }
}

void AgentRegistry::end_conflict(const std::string& name, Host& host, std::int64_t now,
                                 std::vector<AgentNotice>& notices) {
  std::erase_if(host.rivals, [&](const Rival& rival) { return now - rival.last > silence_of(host); });
  const bool identities_agree = host.in_conflict && active(host, now).size() < 2;
  const bool values_agree = host.values_conflict && host.rivals.size() < 2;
  if (!identities_agree && !values_agree) return;
  if (identities_agree) host.in_conflict = false;
  if (values_agree) host.values_conflict = false;
  if (host.in_conflict || host.values_conflict) return;
  notices.push_back({false, "no more than one agent reports as '" + name + "' any longer"});
}

void AgentRegistry::set_interval(std::string_view hostname, std::int64_t seconds) {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(hostname);
  Host& host = found != hosts_.end() ? found->second : hosts_[std::string(hostname)];
  host.interval = std::clamp<std::int64_t>(seconds, 0, kLongestInterval);
}

void AgentRegistry::heard(std::span<const ReportingHost> hosts, const AgentReport& report,
                          Reception reception) {
  const bool has_identity = is_agent_identity(report.identity);
  std::vector<std::string>& conflicting = reception.conflicting;
  std::sort(conflicting.begin(), conflicting.end());
  std::vector<AgentNotice> notices;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, interval] : hosts) {
      Host& host = hosts_[name];
      if (interval > 0) host.interval = std::min(interval, kLongestInterval);
      end_conflict(name, host, report.now, notices);
      const bool was_in_conflict = host.in_conflict || host.values_conflict;
      if (has_identity) note_identity(host, report);
      note_values(host, report, reception.has_accepted,
                  std::binary_search(conflicting.begin(), conflicting.end(), name));
      if (!was_in_conflict && (host.in_conflict || host.values_conflict)) {
        notices.push_back({true, conflict_of(name, host, report.now)});
      }
      if (report.date) {
        note_skew(host, *report.date - report.now);
        judge_skew(name, host, notices);
      }
    }
  }
  tell(notices);
}

void AgentRegistry::delete_host(std::string_view hostname) {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(hostname);
  if (found != hosts_.end()) hosts_.erase(found);
}

AgentsByHost AgentRegistry::snapshot(std::int64_t now) {
  AgentsByHost all;
  std::vector<AgentNotice> notices;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, host] : hosts_) {
      end_conflict(name, host, now, notices);
      if (host.agents.empty() && host.skew_count == 0 && !host.values_conflict) continue;
      HostAgents& known = all[name];
      known.agents = host.agents;
      known.conflict = conflict_of(name, host, now);
      known.clock_skew = skew_of(host);
    }
  }
  tell(notices);
  return all;
}

std::map<std::string, HostTrouble, std::less<>> AgentRegistry::troubles(std::int64_t now) {
  std::map<std::string, HostTrouble, std::less<>> all;
  std::vector<AgentNotice> notices;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, host] : hosts_) {
      end_conflict(name, host, now, notices);
      const HostTrouble trouble{host.in_conflict || host.values_conflict, skew_of(host).value_or(0)};
      if (trouble.has_conflict || trouble.clock_skew != 0) all.emplace(name, trouble);
    }
  }
  tell(notices);
  return all;
}

void AgentRegistry::tell(const std::vector<AgentNotice>& notices) const {
  if (!notices_) return;
  for (const AgentNotice& notice : notices) notices_(notice);
}

}  // namespace hostwatch::ingest
