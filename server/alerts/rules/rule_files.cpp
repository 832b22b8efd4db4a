#include "server/alerts/rules/rule_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>

#include "server/alerts/rules/json_document.h"
#include "server/alerts/rules/rule_json.h"
#include "util/files/small_file.h"

namespace hostwatch::alerts {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 1U << 20U;
constexpr std::size_t kMostFiles = 500;
constexpr std::size_t kMostRoutes = 100;
constexpr std::size_t kMostFaults = 50;

/// One file: its document, and where what is found goes.
class FileReader {
 public:
  FileReader(const JsonDocument& document, const std::string& file, RuleFiles& rules,
             std::vector<FileFault>& faults)
      : document_(document), file_(file), rules_(rules), faults_(faults) {}

  void read() {
    const nlohmann::json& value = document_.value;
    if (value.is_array()) return read_array(value, "");
    if (!value.is_object()) return fail("", "must be a rule, an array of rules, or {\"rules\": [...]}");
    if (!value.contains("rules") && !value.contains("routes")) return read_one(value, "");
    for (const auto& member : value.items()) {
      if (member.key() != "rules" && member.key() != "routes") {
        fail(member.key(), "there is no such member beside rules and routes");
      } else if (!member.value().is_array()) {
        fail(member.key(), "must be an array, [...]");
      } else if (member.key() == "rules") {
        read_array(member.value(), "rules");
      } else {
        read_routes(member.value());
      }
    }
  }

 private:
  FilePlace place(const std::string& path) const { return {file_, document_.line_of(path)}; }

  void fail(const std::string& path, const std::string& text) {
    faults_.push_back({place(path), (path.empty() ? "" : path + ": ") + text});
  }

  void read_array(const nlohmann::json& array, const std::string& path) {
    std::size_t i = 0;
    for (const nlohmann::json& one : array) read_one(one, path + "[" + std::to_string(i++) + "]");
  }

  void read_one(const nlohmann::json& value, const std::string& path) {
    auto read = read_rule(value);
    if (const auto* fault = std::get_if<RuleFault>(&read)) {
      const std::string inner = path + (path.empty() || fault->path.empty() ? "" : ".") + fault->path;
      return fail(inner, fault->text);
    }
    Rule& rule = std::get<Rule>(read);
    const auto same = std::find_if(rules_.rules.begin(), rules_.rules.end(),
                                   [&](const FileRule& one) { return one.rule.id == rule.id; });
    if (same != rules_.rules.end()) {
      return fail(path + (path.empty() ? "id" : ".id"),
                  "'" + rule.id + "' is the id of another rule already, " + same->place.file + ":" +
                      std::to_string(same->place.line));
    }
    if (rules_.rules.size() == kMostRules) return fail(path, "is one rule more than there may be, 500");
    rules_.rules.push_back({std::move(rule), place(path)});
  }

  void read_routes(const nlohmann::json& array) {
    std::size_t i = 0;
    for (const nlohmann::json& one : array) {
      const std::string path = "routes[" + std::to_string(i++) + "]";
      if (!one.is_object()) {
        fail(path, "must be an object, { ... }");
      } else if (rules_.routes.size() == kMostRoutes) {
        return fail(path, "is one route more than there may be, 100");
      } else {
        rules_.routes.push_back({one.dump(), place(path)});
      }
    }
  }

  const JsonDocument& document_;
  const std::string& file_;
  RuleFiles& rules_;
  std::vector<FileFault>& faults_;
};

/// Something is wrong with a file, or the folder, as a whole.
void add_fault(const std::string& file, std::string text, std::vector<FileFault>& faults) {
  FileFault& fault = faults.emplace_back();
  fault.place.file = file;
  fault.text = std::move(text);
}

void read_one_file(const std::string& file, RuleFiles& rules, std::vector<FileFault>& faults) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  // A FIFO would be waited for.
  if (!error && !fs::is_regular_file(status)) return add_fault(file, "is no regular file", faults);
  const auto text = error ? std::nullopt : util::read_small_file(file, kLargestFile);
  if (!text) {
    const int reason = error ? error.value() : errno;
    return add_fault(
        file,
        reason == EFBIG ? "is larger than 1 MiB" : std::string("cannot be read: ") + std::strerror(reason),
        faults);
  }
  ++rules.files;
  read_rule_file_text(*text, file, rules, faults);
}

/// The files of rules in a folder, by name; what is wrong with the folder itself is a fault.
std::vector<std::string> files_in(const std::string& folder, std::vector<FileFault>& faults) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (entry->path().extension() == ".json" && !name.starts_with('.'))
      files.push_back(entry->path().string());
    if (files.size() <= kMostFiles) continue;
    add_fault(folder, "has more than 500 files of rules", faults);
    return {};
  }
  if (error) add_fault(folder, "cannot be read: " + error.message(), faults);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string FileFault::line() const {
  return place.file + (place.line == 0 ? "" : ":" + std::to_string(place.line)) + ": " + text;
}

void read_rule_file_text(std::string_view text, const std::string& file, RuleFiles& rules,
                         std::vector<FileFault>& faults) {
  const auto document = read_json_document(text);
  if (const auto* fault = std::get_if<JsonFault>(&document)) {
    faults.push_back({{file, fault->line}, fault->text});
    return;
  }
  FileReader(std::get<JsonDocument>(document), file, rules, faults).read();
}

std::variant<RuleFiles, std::vector<FileFault>> read_rule_files(const std::string& path) {
  RuleFiles rules;
  std::vector<FileFault> faults;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    add_fault(path, "there is no such file or folder", faults);
  } else if (fs::is_directory(status)) {
    for (const std::string& file : files_in(path, faults)) {
      if (faults.size() < kMostFaults) read_one_file(file, rules, faults);
    }
  } else {
    read_one_file(path, rules, faults);
  }
  if (faults.empty()) return rules;
  if (faults.size() > kMostFaults) faults.resize(kMostFaults);
  return faults;
}

}  // namespace hostwatch::alerts
