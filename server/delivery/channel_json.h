#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "server/delivery/channel.h"
#include "server/delivery/delivery_service.h"

namespace hostwatch::delivery {

/// A channel that cannot be; says which member is wrong and why: "settings.url: it must begin with ...".
class ChannelError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The channel of that name that a body describes (PUT /alerts/channels/NAME, docs/alerts.md). Secrets that
/// the body does not name stay as in `kept` (null: there is none yet), those that are null go. What would
/// send a kept secret to another server is refused: that would tell it. Throws ChannelError.
Channel channel_from_json(std::string_view name, std::string_view body, const Channel* kept);

/// Channels of a configuration file: {"channels": {"ops": {as above}}}. Theirs may name files of secrets
/// anywhere and reach loopback. Throws ChannelError: "channels.ops.settings.url: ...".
std::vector<Channel> channels_from_file(std::string_view text);

/// A channel as the interface tells it: of secrets only that they are set, or the file that they are in.
/// `figures`: null where there are none.
std::string channel_json(const Channel& channel, const ChannelFigures* figures);

/// What is stored: all but name, kind and secrets; and the secrets.
std::string channel_definition(const Channel& channel);
std::string channel_secrets(const Channel& channel);
/// What was stored. Throws ChannelError where it is none.
Channel channel_from_row(const std::string& name, std::string_view kind, std::string_view definition,
                         std::string_view secrets);

/// The channel with all its secrets in `secrets`, those that are in files read now. Throws ChannelError with
/// the file's name, not what it holds.
Channel resolve_secrets(const Channel& channel);

/// Its first problem, as a ChannelError. Pure.
void check_channel(const Channel& channel);

/// "https://hooks.example/..." for logs: scheme, host and port alone.
std::string shown_url(std::string_view url);

}  // namespace hostwatch::delivery
