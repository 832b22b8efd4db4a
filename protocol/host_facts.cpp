#include "protocol/host_facts.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace hostwatch::protocol {
namespace {

/// One list of the members for both directions.
template <typename Facts, typename Visit>
void for_each_member(Facts& facts, Visit visit) {
  visit("os", facts.os);
  visit("kernel", facts.kernel);
  visit("architecture", facts.architecture);
  visit("cpu_model", facts.cpu_model);
  visit("cpu_cores", facts.cpu_cores);
  visit("memory_bytes", facts.memory_bytes);
  visit("agent_version", facts.agent_version);
  visit("boot_time", facts.boot_time);
  visit("interval_seconds", facts.interval_seconds);
  visit("tags", facts.tags);
}

bool is_known(const std::string& text) {
  return !text.empty();
}
bool is_known(std::int64_t number) {
  return number != 0;
}

bool is_known(const Tags& tags) {
  return !tags.empty();
}

void take(const nlohmann::json& value, std::string& member) {
  if (value.is_string()) value.get_to(member);
}
void take(const nlohmann::json& value, std::int64_t& member) {
  if (value.is_number_integer()) value.get_to(member);
}
void take(const nlohmann::json& value, Tags& tags) {
  if (!value.is_object()) return;
  for (const auto& [key, one] : value.items()) {
    if (one.is_string() && tags.size() < kMostTags) tags.emplace(key, one.get<std::string>());
  }
}

}  // namespace

nlohmann::json to_json(const HostFacts& facts) {
  nlohmann::json object = nlohmann::json::object();
  for_each_member(facts, [&](const char* name, const auto& member) {
    if (is_known(member)) object[name] = member;
  });
  return object;
}

HostFacts facts_from_json(const nlohmann::json& object) {
  HostFacts facts;
  for_each_member(facts, [&](const char* name, auto& member) {
    const auto found = object.find(name);
    if (found != object.end()) take(*found, member);
  });
  return facts;
}

}  // namespace hostwatch::protocol
