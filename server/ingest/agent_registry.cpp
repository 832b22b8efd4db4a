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

std::optional<std::int64_t> AgentRegistry::skew_of(const Host& host) {
  if (host.skew_count == 0) return std::nullopt;
  const auto end = host.skews.begin() + static_cast<std::ptrdiff_t>(std::min(host.skew_count, kSkews));
  return *std::max_element(host.skews.begin(), end);
}

/// Whether it begins a conflict is in host.in_conflict.
void AgentRegistry::note_identity(Host& host, const Sighting& sighting) {
  const auto known = std::find_if(host.agents.begin(), host.agents.end(), [&](const KnownAgent& agent) {
    return agent.identity == sighting.identity;
  });
  if (known != host.agents.end()) {
    const bool is_back = host.latest != sighting.identity;
    const bool was_just_here = sighting.now - known->last_heard <= silence_of(host);
    if (is_back && was_just_here) host.in_conflict = true;
    known->address = sighting.address;
    known->last_heard = std::max(known->last_heard, sighting.now);
  } else {
    if (host.agents.size() == kMostIdentities) {
      const auto oldest = std::min_element(
          host.agents.begin(), host.agents.end(),
          [](const KnownAgent& a, const KnownAgent& b) { return a.last_heard < b.last_heard; });
      // Agents at work are kept: with five in turn each would else be forgotten before it comes back.
      if (sighting.now - oldest->last_heard <= silence_of(host)) return;
      host.agents.erase(oldest);
    }
    host.agents.push_back({sighting.identity, sighting.address, sighting.now, sighting.now});
  }
  host.latest = sighting.identity;
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
  if (!host.in_conflict || active(host, now).size() > 1) return;
  host.in_conflict = false;
  notices.push_back({false, "no more than one agent reports as '" + name + "' any longer"});
}

void AgentRegistry::set_interval(std::string_view hostname, std::int64_t seconds) {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(hostname);
  Host& host = found != hosts_.end() ? found->second : hosts_[std::string(hostname)];
  host.interval = std::clamp<std::int64_t>(seconds, 0, kLongestInterval);
}

void AgentRegistry::heard(std::span<const ReportingHost> hosts, const Sighting& sighting) {
  const bool has_identity = is_agent_identity(sighting.identity);
  if (!has_identity && !sighting.date) return;
  std::vector<AgentNotice> notices;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, interval] : hosts) {
      Host& host = hosts_[name];
      if (interval > 0) host.interval = std::min(interval, kLongestInterval);
      end_conflict(name, host, sighting.now, notices);
      if (has_identity) {
        const bool was_in_conflict = host.in_conflict;
        note_identity(host, sighting);
        if (host.in_conflict && !was_in_conflict) {
          notices.push_back({true, describe_conflict(name, host, sighting.now)});
        }
      }
      if (sighting.date) {
        note_skew(host, *sighting.date - sighting.now);
        judge_skew(name, host, notices);
      }
    }
  }
  tell(notices);
}

void AgentRegistry::forget(std::string_view hostname) {
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
      if (host.agents.empty() && host.skew_count == 0) continue;
      HostAgents& known = all[name];
      known.agents = host.agents;
      if (host.in_conflict) known.conflict = describe_conflict(name, host, now);
      known.clock_skew = skew_of(host);
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
