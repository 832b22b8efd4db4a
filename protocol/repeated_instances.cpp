#include "protocol/repeated_instances.h"

#include "protocol/names.h"

namespace hostwatch::protocol {

std::optional<std::string> why_not_repeated(std::string_view text) {
  // The kernel's names have 15 and 31 bytes; those that cannot be shown grow to three times as many.
  constexpr std::size_t kMostBytes = 64;
  if (text.size() > kMostBytes) return "must be at most 64 bytes long";
  return why_not_instance_name(text);
}

}  // namespace hostwatch::protocol
