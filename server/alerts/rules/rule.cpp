#include "server/alerts/rules/rule.h"

#include <algorithm>
#include <array>

namespace hostwatch::alerts {
namespace {

constexpr std::array<std::string_view, 9> kSignals{kHostSilent,    kHostRebooted,        kHostNameConflict,
                                                   kHostClockSkew, kManySilent,          kStoreFailing,
                                                   kDatabaseFree,  kDatabaseFreePercent, kDeadLetters};

bool matches_one(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const std::string& pattern) { return matches_pattern(pattern, text); });
}

}  // namespace

std::vector<Severity> Rule::severities() const {
  std::vector<Severity> result;
  for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
    const bool has_limit = std::any_of(when.begin(), when.end(), [one](const Condition& condition) {
      return condition.limits[static_cast<std::size_t>(one)].has_value();
    });
    if (has_limit) result.push_back(one);
  }
  return result;
}

bool is_signal(std::string_view metric) {
  return std::find(kSignals.begin(), kSignals.end(), metric) != kSignals.end();
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  // After a mismatch the last star takes one character more; what earlier stars took need not be tried anew.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t after_star = std::string_view::npos;
  std::size_t star_takes_to = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_takes_to = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (after_star != std::string_view::npos) {
      p = after_star;
      t = ++star_takes_to;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool selects(const HostSelector& selector, std::string_view hostname,
             const std::map<std::string, std::string>& tags) {
  for (const auto& [key, values] : selector.tags) {
    const auto tag = tags.find(key);
    if (tag == tags.end() || std::find(values.begin(), values.end(), tag->second) == values.end()) {
      return false;
    }
  }
  return (selector.names.empty() || matches_one(selector.names, hostname)) &&
         !matches_one(selector.except, hostname);
}

}  // namespace hostwatch::alerts
