#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::delivery {

enum class ChannelKind : std::uint8_t { webhook, mail, ntfy, slack, alertmanager, heartbeat };

std::string_view to_string(ChannelKind kind);
std::optional<ChannelKind> channel_kind_named(std::string_view name);

/// Where messages go. `settings` by name, as docs/alerts.md has them ("url", "from", "to", "topic", ...);
/// `secrets` apart: they are never told (API, logs, exports).
struct Channel {
  std::string name;  ///< [a-z0-9-]{1,63}
  ChannelKind kind = ChannelKind::webhook;
  bool is_default = true;  ///< told where no route is configured
  bool enabled = true;
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> secrets;       ///< "token", "secret", "password", "header.X"
  std::map<std::string, std::string> secret_files;  ///< secrets that are read from a file when used: its path
  bool from_file = false;  ///< of the configuration file: read-only, and may reach loopback

  friend bool operator==(const Channel&, const Channel&) = default;
};

}  // namespace hostwatch::delivery
