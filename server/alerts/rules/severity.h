#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hostwatch::alerts {

/// How bad it is, ascending. What is info is in history and charts alone: nobody is told.
enum class Severity : std::uint8_t { info, warning, critical };

inline constexpr std::size_t kSeverities = 3;

/// "info", "warning", "critical".
constexpr std::string_view to_string(Severity severity) {
  constexpr std::array<std::string_view, kSeverities> kNames{"info", "warning", "critical"};
  return kNames[static_cast<std::size_t>(severity)];
}

constexpr std::optional<Severity> severity_named(std::string_view name) {
  for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
    if (to_string(one) == name) return one;
  }
  return std::nullopt;
}

}  // namespace hostwatch::alerts
