#include "server/delivery/channel_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "server/delivery/channel_url.h"
#include "util/files/small_file.h"

namespace hostwatch::delivery {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& member, const std::string& why) {
  throw ChannelError(member + ": " + why);
}

Json parsed(std::string_view text, bool takes_comments) {
  const Json json = Json::parse(text, nullptr, false, takes_comments);
  if (!json.is_object()) throw ChannelError("it is not a JSON object");
  return json;
}

bool flag(const Json& json, const char* name, bool otherwise) {
  if (!json.contains(name)) return otherwise;
  if (!json.at(name).is_boolean()) refuse(name, "it is true or false");
  return json.at(name).get<bool>();
}

std::map<std::string, std::string> settings_from(const Json& json) {
  std::map<std::string, std::string> settings;
  if (!json.contains("settings")) return settings;
  const Json& given = json.at("settings");
  if (!given.is_object()) refuse("settings", "it is an object");
  for (const auto& [name, value] : given.items()) {
    if (value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty())) continue;
    if (value.is_number_integer()) {
      settings[name] = std::to_string(value.get<std::int64_t>());
    } else if (value.is_string()) {
      settings[name] = value.get<std::string>();
    } else {
      refuse("settings." + name, "it is a text");
    }
  }
  return settings;
}

/// What an answer says of a secret, and so means "as it is" where it comes back.
constexpr const char* kSecretIsSet = "set";

void take_secret(Channel& channel, const std::string& name, const Json& value) {
  if (value == kSecretIsSet) return;
  channel.secrets.erase(name);
  channel.secret_files.erase(name);
  if (value.is_null()) return;
  if (value.is_string()) {
    channel.secrets[name] = value.get<std::string>();
  } else if (value.is_object() && value.size() == 1 && value.contains("file") &&
             value.at("file").is_string()) {
    channel.secret_files[name] = value.at("file").get<std::string>();
  } else {
    refuse("secrets." + name, "it is a text, null or {\"file\": path}");
  }
}

void take_secrets(Channel& channel, const Json& json) {
  if (!json.contains("secrets")) return;
  const Json& given = json.at("secrets");
  if (!given.is_object()) refuse("secrets", "it is an object");
  for (const auto& [name, value] : given.items()) take_secret(channel, name, value);
}

/// Where a channel's secrets go, unless the address is a secret itself; empty then.
std::string receiver_of(const Channel& channel) {
  const auto address = channel.settings.find(channel.kind == ChannelKind::mail ? "server" : "url");
  return address == channel.settings.end() ? "" : origin_of(address->second);
}

/// Who may change channels may not read their secrets: not by having them sent elsewhere either.
void check_kept_secrets(const Channel& channel, const Channel& kept, const Json& given) {
  if (channel.kind == kept.kind && receiver_of(channel) == receiver_of(kept)) return;
  const auto is_kept = [&given](const std::string& name) {
    return !given.contains("secrets") || !given.at("secrets").contains(name) ||
           given.at("secrets").at(name) == kSecretIsSet;
  };
  for (const auto* secrets : {&channel.secrets, &channel.secret_files}) {
    for (const auto& [name, value] : *secrets) {
      if (is_kept(name)) refuse("secrets." + name, "give it again, as it is for another server now");
    }
  }
}

Channel channel_from(std::string_view name, const Json& json, const Channel* kept, bool from_file) {
  for (const auto& [member, value] : json.items()) {
    if (member != "kind" && member != "default" && member != "enabled" && member != "settings" &&
        member != "secrets" && member != "name" && member != "from_file" && member != "last" &&
        member != "waiting" && member != "dead") {
      refuse(member, "there is no such member");
    }
  }
  Channel channel;
  channel.name = name;
  channel.from_file = from_file;
  if (!json.contains("kind") || !json.at("kind").is_string()) refuse("kind", "it is missing");
  const auto kind = channel_kind_named(json.at("kind").get_ref<const std::string&>());
  if (!kind) refuse("kind", "it is webhook, mail, ntfy, slack, alertmanager or heartbeat");
  channel.kind = *kind;
  channel.is_default = flag(json, "default", true);
  channel.enabled = flag(json, "enabled", true);
  channel.settings = settings_from(json);
  if (kept != nullptr && kept->kind == channel.kind) {
    channel.secrets = kept->secrets;
    channel.secret_files = kept->secret_files;
  }
  take_secrets(channel, json);
  check_channel(channel);
  if (kept != nullptr) check_kept_secrets(channel, *kept, json);
  return channel;
}

Json secrets_object(const Channel& channel) {
  Json secrets = Json::object();
  for (const auto& [name, value] : channel.secrets) secrets[name] = value;
  for (const auto& [name, path] : channel.secret_files) secrets[name] = {{"file", path}};
  return secrets;
}

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json last_attempt(const ChannelFigures* figures) {
  if (figures == nullptr || figures->last_at == 0) return {};
  const bool is_tried_again = figures->last == Outcome::unsent || figures->last == Outcome::unknown;
  return {{"at", figures->last_at},
          {"outcome", is_tried_again ? "failed" : to_string(figures->last)},
          {"status", figures->last_status},
          {"error", figures->last_error}};
}

}  // namespace

Channel channel_from_json(std::string_view name, std::string_view body, const Channel* kept) {
  return channel_from(name, parsed(body, false), kept, false);
}

std::vector<Channel> channels_from_file(std::string_view text) {
  const Json json = parsed(text, true);
  if (json.size() != 1 || !json.contains("channels") || !json.at("channels").is_object()) {
    throw ChannelError("channels: it is an object of channels by name, and nothing stands beside it");
  }
  std::vector<Channel> channels;
  for (const auto& [name, value] : json.at("channels").items()) {
    try {
      if (!value.is_object()) throw ChannelError("it is an object");
      channels.push_back(channel_from(name, value, nullptr, true));
    } catch (const ChannelError& error) {
      throw ChannelError("channels." + name + ": " + error.what());
    }
  }
  return channels;
}

std::string channel_json(const Channel& channel, const ChannelFigures* figures) {
  Json secrets = secrets_object(channel);
  for (const auto& [name, value] : channel.secrets) secrets[name] = kSecretIsSet;
  return dumped({{"name", channel.name},
                 {"kind", to_string(channel.kind)},
                 {"default", channel.is_default},
                 {"enabled", channel.enabled},
                 {"from_file", channel.from_file},
                 {"settings", channel.settings},
                 {"secrets", secrets},
                 {"last", last_attempt(figures)},
                 {"waiting", figures == nullptr ? 0 : figures->waiting},
                 {"dead", figures == nullptr ? 0 : figures->dead}});
}

std::string channel_definition(const Channel& channel) {
  return dumped(
      {{"default", channel.is_default}, {"enabled", channel.enabled}, {"settings", channel.settings}});
}

std::string channel_secrets(const Channel& channel) {
  return dumped(secrets_object(channel));
}

Channel channel_from_row(const std::string& name, std::string_view kind, std::string_view definition,
                         std::string_view secrets) {
  Json json = parsed(definition, false);
  json["kind"] = kind;
  json["secrets"] = parsed(secrets, false);
  return channel_from(name, json, nullptr, false);
}

Channel resolve_secrets(const Channel& channel) {
  constexpr std::size_t kMostSecretBytes = 2'000;
  Channel resolved = channel;
  resolved.secret_files.clear();
  for (const auto& [name, path] : channel.secret_files) {
    const auto text = util::read_small_file(path, kMostSecretBytes);
    if (!text) refuse("secrets." + name, "the file '" + path + "' cannot be read, or is too long");
    resolved.secrets[name] = util::trim(*text);
  }
  if (!channel.secret_files.empty()) check_channel(resolved);
  return resolved;
}

std::string shown_url(std::string_view url) {
  const std::string origin = origin_of(url);
  return origin == "?" ? "an address" : origin;
}

}  // namespace hostwatch::delivery
