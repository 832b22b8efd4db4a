#include "server/auth/credentials.h"

#include <array>

namespace hostwatch::auth {
namespace {

constexpr std::array<std::string_view, 5> kNames{"agent", "write", "read", "admin", "enroll"};
constexpr std::array<std::string_view, 3> kStandings{"shut_out", "waiting", "allowed"};

}  // namespace

std::string_view name_of(Scope scope) {
  return kNames.at(static_cast<std::size_t>(scope));
}

std::optional<Scope> scope_named(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) return static_cast<Scope>(i);
  }
  return std::nullopt;
}

std::string_view name_of(Standing standing) {
  return kStandings.at(static_cast<std::size_t>(standing));
}

}  // namespace hostwatch::auth
