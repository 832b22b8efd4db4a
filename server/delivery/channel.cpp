#include "server/delivery/channel.h"

#include <array>
#include <utility>

namespace hostwatch::delivery {
namespace {

constexpr std::array<std::pair<ChannelKind, std::string_view>, 6> kKinds{
    {{ChannelKind::webhook, "webhook"},
     {ChannelKind::mail, "mail"},
     {ChannelKind::ntfy, "ntfy"},
     {ChannelKind::slack, "slack"},
     {ChannelKind::alertmanager, "alertmanager"},
     {ChannelKind::heartbeat, "heartbeat"}}};

}  // namespace

std::string_view to_string(ChannelKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind)).second;
}

std::optional<ChannelKind> channel_kind_named(std::string_view name) {
  for (const auto& [kind, its_name] : kKinds) {
    if (its_name == name) return kind;
  }
  return std::nullopt;
}

}  // namespace hostwatch::delivery
