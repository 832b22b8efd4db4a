#include "protocol/host_facts.h"

#include <variant>

#include "util/text/json_object.h"
#include "util/text/json_text.h"

namespace hostwatch::protocol {
namespace {

/// One list of the members for both directions, by name.
template <typename Facts, typename Visit>
void for_each_member(Facts& facts, Visit visit) {
  visit("agent_version", facts.agent_version);
  visit("architecture", facts.architecture);
  visit("boot_time", facts.boot_time);
  visit("cpu_cores", facts.cpu_cores);
  visit("cpu_model", facts.cpu_model);
  visit("interval_seconds", facts.interval_seconds);
  visit("kernel", facts.kernel);
  visit("memory_bytes", facts.memory_bytes);
  visit("os", facts.os);
  visit("repeated_disks", facts.repeated_disks);
  visit("repeated_interfaces", facts.repeated_interfaces);
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
bool is_known(const std::optional<RepeatedInstances>& names) {
  return names.has_value();
}

void put(util::JsonObjectWriter& object, const char* name, const std::string& text) {
  object.text(name, text);
}
void put(util::JsonObjectWriter& object, const char* name, std::int64_t number) {
  object.number(name, number);
}
void put(util::JsonObjectWriter& object, const char* name, const Tags& tags) {
  util::JsonObjectWriter texts;
  for (const auto& [key, value] : tags) texts.text(key, value);
  object.json(name, texts.finish());
}
void put(util::JsonObjectWriter& object, const char* name, const std::optional<RepeatedInstances>& names) {
  std::string list = "[";
  for (const std::string& text : *names) {
    if (list.size() > 1) list += ',';
    util::append_json_string(list, text);
  }
  object.json(name, list + ']');
}

template <typename Value>
void take(const util::JsonObject& object, const char* name, Value& member) {
  const auto found = object.members.find(name);
  if (found == object.members.end()) return;
  if (const auto* value = std::get_if<Value>(&found->second)) member = *value;
}
void take(const util::JsonObject& object, const char* name, Tags& tags) {
  const auto found = object.objects.find(name);
  if (found == object.objects.end()) return;
  for (const auto& [key, value] : found->second) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && tags.size() < kMostTags) tags.emplace(key, *text);
  }
}
void take(const util::JsonObject& object, const char* name, std::optional<RepeatedInstances>& names) {
  const auto found = object.arrays.find(name);
  if (found == object.arrays.end()) return;
  names.emplace();
  for (const std::string& text : found->second) {
    if (names->size() < kMostRepeated) names->insert(text);
  }
}

}  // namespace

std::string facts_json(const HostFacts& facts, const FactFilter& is_wanted) {
  util::JsonObjectWriter object;
  for_each_member(facts, [&](const char* name, const auto& member) {
    if (is_known(member) && (!is_wanted || is_wanted(name))) put(object, name, member);
  });
  return object.finish();
}

std::optional<HostFacts> facts_from_json(std::string_view text) {
  constexpr int kMostDepth = 4;
  const auto object = util::read_json_object(text, kMostDepth);
  if (!object) return std::nullopt;
  HostFacts facts;
  for_each_member(facts, [&](const char* name, auto& member) { take(*object, name, member); });
  return facts;
}

}  // namespace hostwatch::protocol
