#include "agent/sampling/sampler.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "agent/collectors/facts/host_name.h"

namespace hostwatch::agent {

Sampler::Sampler(std::string hostname, std::chrono::seconds interval, SamplerSources sources)
    : hostname_(std::move(hostname)), interval_(interval), sources_(std::move(sources)) {}

void Sampler::warm_up(Time now) {
  sources_.collect(now);
}

std::optional<protocol::Reading> Sampler::sample(Time now) {
  Collected collected = sources_.collect(now);
  log_missing(collected);
  if (!collected.cpu && !collected.ram) return std::nullopt;

  follow_name(now);
  protocol::Reading reading;
  reading.hostname = hostname();
  reading.timestamp = sources_.stamp();
  reading.cpu = collected.cpu.value_or(0);
  reading.ram = collected.ram.value_or(0);
  reading.disk = collected.disk.value_or(0);
  reading.samples = std::move(collected.samples);
  reading.facts = facts_if_due(now, reading.samples);
  return reading;
}

void Sampler::log_missing(const Collected& collected) {
  std::string missing;
  const auto need = [&missing](bool there, const char* name) {
    if (there) return;
    if (!missing.empty()) missing += ", ";
    missing += name;
  };
  need(collected.cpu.has_value(), "cpu");
  need(collected.ram.has_value(), "ram");
  need(collected.disk.has_value(), "disk");
  if (missing == missing_) return;
  missing_ = missing;
  if (missing.empty()) {
    spdlog::info("cpu, ram and disk are all there again");
  } else if (!collected.cpu && !collected.ram) {
    spdlog::error("no readings while there is no value for: {}", missing);
  } else {
    spdlog::warn("readings go on with 0 while there is no value for: {}", missing);
  }
}

void Sampler::set_hostname(const std::string& hostname) {
  const std::scoped_lock lock(name_mutex_);
  if (hostname_ == hostname) return;
  spdlog::info("this host is called '{}' now, and so are its readings: it was '{}'", hostname, hostname_);
  hostname_ = hostname;
  facts_wanted_ = true;  // the server knows none of a host of that name
}

std::string Sampler::hostname() const {
  const std::scoped_lock lock(name_mutex_);
  return hostname_;
}

void Sampler::follow_name(Time now) {
  if (!sources_.read_name) return;
  const std::string current = hostname();
  if (name_read_ && now - *name_read_ < kFactsCheck && !is_stand_in_name(current)) return;
  name_read_ = now;
  const std::string name = sources_.read_name();
  // It has its old name again: that is asked for too, or it would be given the other one when that may be
  // had.
  const bool is_back = name == current && !asked_for_.empty();
  if ((name == current && !is_back) || name == asked_for_ || is_stand_in_name(name)) return;
  asked_for_ = is_back ? std::string() : name;
  if (!sources_.may_take_name || sources_.may_take_name(name)) set_hostname(name);
}

std::optional<protocol::HostFacts> Sampler::facts_if_due(Time now,
                                                         const std::vector<protocol::Sample>& sent) {
  const bool wanted = facts_wanted_.exchange(false);
  if (!facts_ || wanted || now - facts_read_ >= kFactsCheck) {
    protocol::HostFacts facts = sources_.read_facts(sent);
    facts.interval_seconds = interval_.count();
    facts_read_ = now;
    if (wanted || facts_ != facts) facts_sent_ = Time::min();
    facts_ = std::move(facts);
  }
  if (facts_sent_ != Time::min() && now - facts_sent_ < kFactsRepeat) return std::nullopt;
  facts_sent_ = now;
  return facts_;
}

}  // namespace hostwatch::agent
