// ReadingHandler: what a host says of itself.
#include "protocol/reading_handler.h"
#include "util/text/text.h"

namespace hostwatch::protocol {

std::string* ReadingHandler::text_fact() {
  HostFacts& facts = *reading_.facts;
  return fact_ == "os"              ? &facts.os
         : fact_ == "kernel"        ? &facts.kernel
         : fact_ == "architecture"  ? &facts.architecture
         : fact_ == "cpu_model"     ? &facts.cpu_model
         : fact_ == "agent_version" ? &facts.agent_version
                                    : nullptr;
}

std::int64_t* ReadingHandler::number_fact() {
  HostFacts& facts = *reading_.facts;
  return fact_ == "cpu_cores"          ? &facts.cpu_cores
         : fact_ == "memory_bytes"     ? &facts.memory_bytes
         : fact_ == "boot_time"        ? &facts.boot_time
         : fact_ == "interval_seconds" ? &facts.interval_seconds
                                       : nullptr;
}

void ReadingHandler::set_fact(double value) {
  std::int64_t* member = number_fact();
  if (member == nullptr) {
    wrong_type("a number");
    return;
  }
  if (value < 0 || value > 9007199254740992.0) {
    fault(path() + " is out of range");
    return;
  }
  *member = static_cast<std::int64_t>(value);
}

bool ReadingHandler::is_known_fact() {
  return text_fact() != nullptr || number_fact() != nullptr || repeated_fact() != nullptr || fact_ == "tags";
}

/// Unlike the other texts a tag is never mended: hosts are asked for by it, and it would be another one.
void ReadingHandler::add_tag(std::string_view value) {
  Tags& tags = reading_.facts->tags;
  if (const auto why = why_not_tag_key(tag_)) {
    fault(path() + ": a tag's key " + *why);
  } else if (const auto why_not = why_not_tag_value(value)) {
    fault(path() + " " + *why_not);
  } else if (tags.contains(tag_)) {
    fault(path() + " appears twice");
  } else if (tags.size() >= kMostTags) {
    fault("facts.tags has too many: a host may have " + std::to_string(kMostTags));
  } else {
    tags.emplace(tag_, value);
  }
}

std::optional<RepeatedInstances>* ReadingHandler::repeated_fact() {
  HostFacts& facts = *reading_.facts;
  return fact_ == "repeated_interfaces" ? &facts.repeated_interfaces
         : fact_ == "repeated_disks"    ? &facts.repeated_disks
                                        : nullptr;
}

/// As a tag: a name that is mended would be that of another instance.
void ReadingHandler::add_repeated(std::string_view name) {
  RepeatedInstances& names = **repeated_fact();
  if (const auto why = why_not_repeated(name)) {
    fault(path() + ": a name " + *why);
  } else if (names.size() >= kMostRepeated && !names.contains(name)) {
    fault(path() + " has too many: at most " + std::to_string(kMostRepeated) + " names");
  } else {
    names.emplace(name);
  }
}

}  // namespace hostwatch::protocol
