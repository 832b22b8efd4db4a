#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// Rules of one installation, whatever they come from.
inline constexpr std::size_t kMostRules = 500;

/// Where something stands in files.
struct FilePlace {
  std::string file;
  std::size_t line = 0;  ///< 0: the file as a whole
};

struct FileRule {
  Rule rule;
  FilePlace place;
};

/// A route as it is written, for those who know what routes are.
struct FileRoute {
  std::string json;
  FilePlace place;
};

struct RuleFiles {
  std::vector<FileRule> rules;    ///< in the order of the files' names, and of each file
  std::vector<FileRoute> routes;  ///< likewise
  std::size_t files = 0;          ///< that were read
};

struct FileFault {
  FilePlace place;
  std::string text;

  /// "rules/disks.json:12: when[0].above: ...".
  std::string line() const;
};

/// Reads a file of rules, or every *.json of a folder by their names; hidden ones (".x.json") are passed
/// over. A file holds one rule, an array of them, or {"rules": [...], "routes": [...]}, with comments. All or
/// nothing: if anything is wrong, the faults (at most 50) and no rule. Wrong are also a file that is no
/// regular one, cannot be read, or is larger than 1 MiB, and two rules of one id.
std::variant<RuleFiles, std::vector<FileFault>> read_rule_files(const std::string& path);

/// What one file holds, added to the rest. Pure.
void read_rule_file_text(std::string_view text, const std::string& file, RuleFiles& rules,
                         std::vector<FileFault>& faults);

}  // namespace hostwatch::alerts
