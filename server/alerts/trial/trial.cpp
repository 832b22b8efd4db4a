#include "server/alerts/trial/trial.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "server/alerts/rules/json_document.h"
#include "server/alerts/rules/json_members.h"
#include "server/alerts/rules/rule_json.h"
#include "server/alerts/rules/rule_units.h"

namespace hostwatch::alerts {
namespace {

using nlohmann::json;

constexpr std::int64_t kLongestTrial = 30 * 86400;
constexpr std::int64_t kShortestInterval = 1;
constexpr std::int64_t kLongestInterval = 3600;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestValues = 64UL * 1024;
constexpr std::size_t kMostOfEach = 1000;

const json& array_of(const json& value, const std::string& path) {
  if (!value.is_array()) throw MemberFault(path, "must be an array, [ ... ]");
  if (value.size() > kMostOfEach) throw MemberFault(path, "has more than 1000 entries");
  return value;
}

/// Each entry of an array that may be left out, with its path.
template <typename Read>
void read_each(JsonMembers& members, const char* name, const Read& read) {
  const json* const found = members.find(name);
  if (found == nullptr) return;
  std::size_t i = 0;
  for (const json& one : array_of(*found, members.path_of(name))) {
    read(one, members.path_of(name) + "[" + std::to_string(i++) + "]");
  }
}

std::int64_t time_of(JsonMembers& members, const char* name) {
  const auto time = members.duration(name, 0, kLongestTrial);
  if (!time) members.fail(name, "is missing; give a time from the test's beginning, such as \"5m\"");
  return *time;
}

/// Seconds, or a text that may have a minus before it.
std::int64_t signed_duration(JsonMembers& members, const char* name) {
  const json* const found = members.find(name);
  if (found == nullptr) members.fail(name, "is missing; give a time, such as \"1h\" or \"-1h\"");
  if (found->is_number_integer()) {
    const auto seconds = found->get<std::int64_t>();
    if (seconds >= -kLongestTrial && seconds <= kLongestTrial) return seconds;
  } else if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    const bool is_negative = text.starts_with('-');
    const auto seconds = parse_duration(std::string_view(text).substr(is_negative ? 1 : 0));
    if (seconds && *seconds <= kLongestTrial) return is_negative ? -*seconds : *seconds;
  }
  members.fail(name, "must be a time, such as \"1h\" or \"-1h\"");
}

TrialHost read_host(const std::string& name, const json& value, const std::string& path) {
  JsonMembers members(value, path);
  TrialHost host{printable_text(name, path, kLongestName), {}, {}};
  if (const json* const tags = members.find("tags")) {
    if (!tags->is_object()) throw MemberFault(members.path_of("tags"), "must be an object, { ... }");
    for (const auto& tag : tags->items()) {
      host.tags[tag.key()] = printable_text(tag.value(), members.path_of("tags"), kLongestName);
    }
  }
  const json* const series = members.find("series");
  if (series == nullptr || !series->is_object()) {
    members.fail("series", "must be an object: \"METRIC{INSTANCE}\": \"90x10 _ 85x10\"");
  }
  for (const auto& one : series->items()) {
    const std::string where = members.path_of("series") + "." + one.key();
    auto read = read_trial_series(one.key(), printable_text(one.value(), where, kLongestValues));
    if (const auto* wrong = std::get_if<std::string>(&read)) throw MemberFault(where, *wrong);
    host.series.push_back(std::get<TrialSeries>(std::move(read)));
  }
  members.refuse_others();
  return host;
}

TrialExpectation read_expectation(const json& value, const std::string& path) {
  JsonMembers members(value, path);
  TrialExpectation expected;
  expected.rule = members.text("rule", kLongestName);
  if (expected.rule.empty()) members.fail("rule", "is missing");
  expected.host = members.text("host", kLongestName);
  expected.instance = members.text("instance", kLongestName);
  if (const std::string severity = members.text("severity", 20); !severity.empty()) {
    if (!severity_named(severity)) members.fail("severity", "must be info, warning or critical");
    expected.severity = severity;
  }
  expected.fired = members.duration("fired", 0, kLongestTrial);
  const json* const ended = members.find("ended");
  if (ended != nullptr && ended->is_null()) {
    expected.is_open = true;
  } else {
    expected.ended = members.duration("ended", 0, kLongestTrial);
  }
  if (const json* const messages = members.find("messages")) {
    if (!messages->is_number_unsigned()) members.fail("messages", "must be a number");
    expected.messages = messages->get<std::int64_t>();
  }
  if (members.find("late") != nullptr) expected.late = members.boolean("late", false);
  expected.within = members.duration("within", 0, kLongestTrial).value_or(0);
  members.refuse_others();
  return expected;
}

void read_course(JsonMembers& members, Trial& trial) {
  read_each(members, "late", [&](const json& value, const std::string& path) {
    JsonMembers one(value, path);
    trial.delays.push_back(
        {one.text("host", kLongestName), time_of(one, "from"), time_of(one, "to"), time_of(one, "arrives")});
    if (trial.delays.back().arrives < trial.delays.back().to) one.fail("arrives", "must not be before to");
    one.refuse_others();
  });
  read_each(members, "clock", [&](const json& value, const std::string& path) {
    JsonMembers one(value, path);
    trial.clock_steps.push_back(
        {one.text("host", kLongestName), time_of(one, "at"), signed_duration(one, "by")});
    one.refuse_others();
  });
  read_each(members, "restart_at", [&](const json& value, const std::string& path) {
    const auto seconds =
        value.is_string() ? parse_duration(value.get_ref<const std::string&>()) : std::nullopt;
    if (!seconds) throw MemberFault(path, "must be a time, such as \"4m\"");
    trial.restarts.push_back(*seconds);
  });
}

Trial read_trial(const json& value, const std::string& path) {
  JsonMembers members(value, path);
  Trial trial;
  trial.name = members.text("name", kLongestName);
  if (trial.name.empty()) members.fail("name", "is missing");
  trial.interval = members.duration("interval", kShortestInterval, kLongestInterval).value_or(10);
  const json* const hosts = members.find("hosts");
  if (hosts == nullptr || !hosts->is_object() || hosts->size() > kMostOfEach) {
    members.fail("hosts", "must be an object: \"web-1\": {\"series\": { ... }}, of at most 1000 hosts");
  }
  for (const auto& host : hosts->items()) {
    trial.hosts.push_back(read_host(host.key(), host.value(), members.path_of("hosts") + "." + host.key()));
  }
  read_course(members, trial);
  trial.afterwards = members.duration("afterwards", 0, kLongestTrial).value_or(0);
  read_each(members, "expect", [&](const json& one, const std::string& where) {
    trial.expected.push_back(read_expectation(one, where));
  });
  trial.expects_no_other = members.boolean("expect_no_other", true);
  members.refuse_others();
  return trial;
}

void read_rules(JsonMembers& members, TrialFile& file) {
  const json* const rules = members.find("rules");
  if (rules == nullptr) members.fail("rules", "is missing: a folder, a file, \"shipped\", or rules");
  if (rules->is_string()) {
    file.shipped = *rules == "shipped";
    if (!file.shipped) file.rules = printable_text(*rules, "rules", 4096);
    return;
  }
  std::size_t i = 0;
  for (const json& one : array_of(*rules, "rules")) {
    auto rule = read_rule(one);
    if (const auto* fault = std::get_if<RuleFault>(&rule)) {
      throw MemberFault("rules[" + std::to_string(i) + "]" + (fault->path.empty() ? "" : "." + fault->path),
                        fault->text);
    }
    file.inline_rules.push_back(std::get<Rule>(std::move(rule)));
    ++i;
  }
}

}  // namespace

std::variant<TrialFile, TrialFault> read_trial_file(std::string_view text) {
  const auto read = read_json_document(text);
  if (const auto* fault = std::get_if<JsonFault>(&read)) return TrialFault{fault->line, fault->text};
  const auto& document = std::get<JsonDocument>(read);
  try {
    JsonMembers members(document.value, "");
    TrialFile file;
    read_rules(members, file);
    read_each(members, "tests", [&](const json& one, const std::string& path) {
      file.trials.push_back(read_trial(one, path));
    });
    members.refuse_others();
    if (file.trials.empty()) members.fail("tests", "has no test");
    return file;
  } catch (const MemberFault& fault) {
    return TrialFault{document.line_of(fault.path()), fault.path() + ": " + fault.what()};
  }
}

}  // namespace hostwatch::alerts
