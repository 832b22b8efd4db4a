#include "agent/collectors/facts/processor_model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "agent/collectors/facts/processor_names.h"
#include "agent/collectors/files/scan.h"

namespace hostwatch::agent {
namespace {

/// More kinds of cores than any machine has; a text of garbage may have as many as it likes.
constexpr std::size_t kMaxKinds = 4;

/// Calls take(key, value) for each line "key : value" whose value is not empty; the last line may lack its
/// end.
template <typename Take>
void for_each_field(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!value.empty()) take(trim_blanks(line.substr(0, colon)), value);
  }
}

std::optional<std::uint32_t> parse_hex(std::string_view text) {
  if (!text.starts_with("0x")) return std::nullopt;
  constexpr int kHexadecimal = 16;
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + 2, end, number, kHexadecimal);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

/// "Neoverse-N1"; "ARM 0x41 part 0xd0c" where the part is not known, "0x99 part 0x1" where nobody is.
std::string arm_core(std::string_view implementer, std::string_view part) {
  const auto who = parse_hex(implementer);
  const auto what = parse_hex(part);
  if (who && what) {
    if (const auto name = arm_part(*who, *what); !name.empty()) return std::string(name);
  }
  std::string text(who ? arm_implementer(*who) : std::string_view());
  if (!text.empty()) text += ' ';
  return text.append(implementer).append(" part ").append(part);
}

/// Distinct texts in the order in which they came.
class Kinds {
 public:
  void add(std::string text) {
    const bool is_new = std::find(kinds_.begin(), kinds_.end(), text) == kinds_.end();
    if (is_new && kinds_.size() < kMaxKinds) kinds_.push_back(std::move(text));
  }
  std::string text() const {
    std::string all;
    for (const std::string& kind : kinds_) all += (all.empty() ? "" : " + ") + kind;
    return all;
  }

 private:
  std::vector<std::string> kinds_;
};

/// "processor 0: version = FF,  identification = 1234,  machine = 8561" of s390x.
std::string_view machine_of_s390(std::string_view value) {
  constexpr std::string_view kKey = "machine = ";
  const std::size_t at = value.find(kKey);
  if (at == std::string_view::npos) return {};
  const std::string_view type = value.substr(at + kKey.size());
  return type.substr(0, type.find_first_of(", \t"));
}

std::string s390_model(std::string_view type) {
  const std::string_view name = s390_machine(type);
  std::string text = "IBM ";
  if (!name.empty()) text.append(name).append(" (machine ").append(type).append(")");
  if (name.empty()) text.append("machine ").append(type);
  return text;
}

/// The name that 64-bit kernels give all their cores alike, and a processor's number ("Processor : 0").
bool says_nothing(std::string_view key, std::string_view value) {
  const bool is_number = value.find_first_not_of("0123456789") == std::string_view::npos;
  return value.starts_with("AArch64 Processor") || value == "unknown" || (key == "Processor" && is_number);
}

/// What cpuinfo's lines say, by how much that is worth.
struct Found {
  /// In order of worth: the keys whose first value is the processor's name.
  static constexpr std::array<std::string_view, 12> kNameKeys{
      "model name", "Model Name", "Processor", "cpu model",        "cpu",        "uarch",
      "CPU",        "cpu type",   "core ID",   "cpu architecture", "CPU-Family", "C-SKY CPU model"};
  static constexpr std::array<std::string_view, 4> kBoardKeys{"Hardware", "system type", "Model", "machine"};

  std::array<std::string_view, kNameKeys.size()> names;
  std::array<std::string_view, kBoardKeys.size()> boards;
  std::string_view isa;
  std::string_view s390;
  Kinds arm;
};

template <typename Keys, typename Values>
void take_if_first(const Keys& keys, std::string_view key, std::string_view value, Values& values) {
  const auto known = std::find(keys.begin(), keys.end(), key);
  if (known == keys.end()) return;
  std::string_view& first = values[static_cast<std::size_t>(known - keys.begin())];
  if (first.empty() && !says_nothing(key, value)) first = value;
}

Found find_names(std::string_view cpuinfo) {
  Found found;
  std::string_view implementer;
  for_each_field(cpuinfo, [&](std::string_view key, std::string_view value) {
    take_if_first(Found::kNameKeys, key, value, found.names);
    take_if_first(Found::kBoardKeys, key, value, found.boards);
    if (key == "isa" && found.isa.empty()) found.isa = value;
    if (key.starts_with("processor ") && found.s390.empty()) found.s390 = machine_of_s390(value);
    if (key == "CPU implementer") implementer = value;
    if (key == "CPU part" && !implementer.empty()) found.arm.add(arm_core(implementer, value));
  });
  return found;
}

template <typename Values>
std::string_view first_of(const Values& values) {
  const auto first =
      std::find_if(values.begin(), values.end(), [](const auto& value) { return !value.empty(); });
  return first == values.end() ? std::string_view() : *first;
}

}  // namespace

std::string processor_model(std::string_view cpuinfo) {
  const Found found = find_names(cpuinfo);
  if (const auto name = first_of(found.names); !name.empty()) return std::string(name);
  if (std::string cores = found.arm.text(); !cores.empty()) return cores;
  if (!found.s390.empty()) return s390_model(found.s390);
  if (!found.isa.empty()) return std::string(found.isa);
  return std::string(first_of(found.boards));
}

std::size_t processors_listed(std::string_view cpuinfo) {
  std::size_t count = 0;
  for_each_field(cpuinfo, [&count](std::string_view key, std::string_view) {
    // "processor : 0", and on s390x "processor 0: version = ..."
    if (key == "processor" || key.starts_with("processor ")) ++count;
  });
  return count;
}

}  // namespace hostwatch::agent
