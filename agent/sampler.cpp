#include "agent/sampler.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace hostwatch::agent {

Sampler::Sampler(std::string hostname, std::chrono::seconds interval, SamplerSources sources)
    : hostname_(std::move(hostname)), interval_(interval), sources_(std::move(sources)) {}

void Sampler::warm_up(Time now) {
  sources_.collect(now);
}

std::optional<protocol::Reading> Sampler::sample(Time now) {
  Collected collected = sources_.collect(now);
  note_missing(collected);
  if (incomplete_) return std::nullopt;

  protocol::Reading reading;
  reading.hostname = hostname_;
  reading.timestamp = sources_.stamp();
  reading.cpu = *collected.cpu;
  reading.ram = *collected.ram;
  reading.disk = *collected.disk;
  reading.samples = std::move(collected.samples);
  reading.facts = facts_if_due(now);
  return reading;
}

void Sampler::note_missing(const Collected& collected) {
  std::string missing;
  const auto need = [&missing](bool there, const char* name) {
    if (there) return;
    if (!missing.empty()) missing += ", ";
    missing += name;
  };
  need(collected.cpu.has_value(), "cpu");
  need(collected.ram.has_value(), "ram");
  need(collected.disk.has_value(), "disk");
  if (!missing.empty() && !incomplete_) {
    spdlog::error("no readings while there is no value for: {}", missing);
  } else if (missing.empty() && incomplete_) {
    spdlog::info("cpu, ram and disk are all there again");
  }
  incomplete_ = !missing.empty();
}

std::optional<protocol::HostFacts> Sampler::facts_if_due(Time now) {
  const bool wanted = facts_wanted_.exchange(false);
  if (!facts_ || wanted || now - facts_read_ >= kFactsCheck) {
    protocol::HostFacts facts = sources_.read_facts();
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
