// check_channel(): what a channel of each kind must be like.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "net/url.h"
#include "server/delivery/base64.h"
#include "server/delivery/channel_json.h"
#include "server/delivery/channel_url.h"
#include "server/delivery/mail_text.h"
#include "server/delivery/rendering.h"
#include "util/text/ascii.h"
#include "util/text/text.h"

namespace hostwatch::delivery {
namespace {

constexpr std::size_t kMostSettingBytes = 2'000;
constexpr std::size_t kMostTemplateBytes = 10'000;
constexpr std::size_t kMostRecipients = 20;

struct KindNames {
  std::span<const std::string_view> settings;
  std::span<const std::string_view> secrets;
  bool takes_headers = false;
};

KindNames names_of(ChannelKind kind) {
  static constexpr std::array<std::string_view, 2> kWebhook{"url", "body"};
  static constexpr std::array<std::string_view, 1> kSecret{"secret"};
  static constexpr std::array<std::string_view, 5> kMail{"server", "from", "to", "user", "tls"};
  static constexpr std::array<std::string_view, 1> kPassword{"password"};
  static constexpr std::array<std::string_view, 2> kNtfy{"url", "topic"};
  static constexpr std::array<std::string_view, 1> kToken{"token"};
  static constexpr std::array<std::string_view, 1> kUrl{"url"};
  static constexpr std::array<std::string_view, 3> kSignIn{"user", "password", "token"};
  static constexpr std::array<std::string_view, 1> kEvery{"every"};
  switch (kind) {
    case ChannelKind::webhook:
      return {kWebhook, kSecret, true};
    case ChannelKind::mail:
      return {kMail, kPassword};
    case ChannelKind::ntfy:
      return {kNtfy, kToken};
    case ChannelKind::slack:
      return {{}, kUrl};
    case ChannelKind::alertmanager:
      return {kUrl, kSignIn};
    case ChannelKind::heartbeat:
      return {kEvery, kUrl};
  }
  return {};
}

[[noreturn]] void refuse_member(const std::string& member, const std::string& why) {
  throw ChannelError(member + ": " + why);
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

/// Those that say where a request ends or goes, or that we write ourselves.
bool is_own_header(const std::string& name) {
  constexpr std::array<std::string_view, 11> kOwn{
      "host",    "content-length", "transfer-encoding", "connection",        "expect",           "te",
      "upgrade", "trailer",        "webhook-id",        "webhook-timestamp", "webhook-signature"};
  const std::string lower = util::in_lower_case(name);
  return std::find(kOwn.begin(), kOwn.end(), lower) != kOwn.end();
}

/// `name` is one of the kind's, or "header.X" where there are headers.
void check_name(const std::string& member, const std::string& name, std::span<const std::string_view> known,
                bool takes_headers) {
  constexpr std::string_view kHeader = "header.";
  if (takes_headers && name.starts_with(kHeader)) {
    const std::string header = name.substr(kHeader.size());
    if (!is_header_name(header)) refuse_member(member, "it is not a name of a header");
    if (is_own_header(header)) refuse_member(member, "this header is written by the server");
    return;
  }
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    refuse_member(member, "this kind of channel has no such setting");
  }
}

/// Anything that would end a line of a header or of SMTP.
bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
}

void check_names_and_values(const Channel& channel) {
  const KindNames names = names_of(channel.kind);
  for (const auto& [name, value] : channel.settings) {
    const std::string member = "settings." + name;
    check_name(member, name, names.settings, names.takes_headers);
    const bool is_template = name == "body";
    if (value.empty()) refuse_member(member, "it must not be empty");
    if (value.size() > (is_template ? kMostTemplateBytes : kMostSettingBytes))
      refuse_member(member, "it is too long");
    if (!is_template && has_control(value)) refuse_member(member, "it must not have control characters");
  }
  for (const auto& [name, value] : channel.secrets) {
    const std::string member = "secrets." + name;
    check_name(member, name, names.secrets, names.takes_headers);
    if (value.empty()) refuse_member(member, "it must not be empty");
    if (value.size() > kMostSettingBytes) refuse_member(member, "it is too long");
    if (has_control(value)) refuse_member(member, "it must not have control characters");
  }
  for (const auto& [name, path] : channel.secret_files) {
    const std::string member = "secrets." + name;
    check_name(member, name, names.secrets, names.takes_headers);
    if (channel.secrets.contains(name)) refuse_member(member, "it is there twice");
    if (path.empty() || path.front() != '/' || path.size() > kMostSettingBytes || has_control(path)) {
      refuse_member(member, "its file must have an absolute path");
    }
    // Whoever may make channels on the page must not read the server's files by sending them away.
    const bool is_for_secrets =
        (path.starts_with("/run/credentials/") || path.starts_with("/run/secrets/")) &&
        path.find("/..") == std::string::npos;
    if (!channel.from_file && !is_for_secrets) {
      refuse_member(member, "its file must be in /run/credentials/ or /run/secrets/");
    }
  }
}

const std::string& needed_setting(const Channel& channel, const std::string& name) {
  const auto found = channel.settings.find(name);
  if (found == channel.settings.end()) refuse_member("settings." + name, "it is missing");
  return found->second;
}

void check_http_url(const std::string& member, const std::string& url) {
  try {
    const net::ServerUrl parsed = net::parse_server_url(url);
    if (parsed.host.find('%') != std::string::npos) refuse_member(member, "it must not name an interface");
  } catch (const net::ServerUrlError& error) {
    const std::string why = error.what();
    refuse_member(member, why.substr(0, why.find(';')));
  }
}

/// A URL that is a secret may be in a file, and is looked at when it is read then.
void check_secret_url(const Channel& channel) {
  if (channel.secret_files.contains("url")) return;
  const auto url = channel.secrets.find("url");
  if (url == channel.secrets.end()) refuse_member("secrets.url", "it is missing");
  check_http_url("secrets.url", url->second);
}

void check_webhook(const Channel& channel) {
  check_http_url("settings.url", needed_setting(channel, "url"));
  if (const auto secret = channel.secrets.find("secret");
      secret != channel.secrets.end() && secret->second.starts_with("whsec_") &&
      !base64_decoded(std::string_view(secret->second).substr(6))) {
    refuse_member("secrets.secret", "after whsec_ comes base64");
  }
  const auto body = channel.settings.find("body");
  if (body == channel.settings.end()) return;
  for (const auto* values : {&channel.settings, &channel.secrets}) {
    for (const auto& [name, value] : *values) {
      const bool is_type = util::in_lower_case(name) == "header.content-type";
      if (is_type && value.find("json") == std::string::npos) return;
    }
  }
  AlarmNotice sample;
  sample.name = "\"quoted\"";
  const std::string filled = filled_template(body->second, {}, sample, {});
  if (!nlohmann::json::accept(filled)) {
    refuse_member("settings.body",
                  "with its placeholders replaced it is not JSON; give header.Content-Type if "
                  "it is to be something else");
  }
}

void check_mail(const Channel& channel) {
  const std::string server = needed_setting(channel, "server");
  if (const std::string why = why_no_mail_server(server); !why.empty()) refuse_member("settings.server", why);
  if (!is_mail_address(needed_setting(channel, "from"))) {
    refuse_member("settings.from", "it must be an address alone, such as monitor@example.org");
  }
  const std::vector<std::string> recipients = split_addresses(needed_setting(channel, "to"));
  if (recipients.size() > kMostRecipients) {
    refuse_member("settings.to", "there are more than " + std::to_string(kMostRecipients) + " addresses");
  }
  for (const std::string& recipient : recipients) {
    if (is_mail_address(recipient)) continue;
    refuse_member("settings.to", "'" + util::make_printable(recipient, 100) +
                                     "' is not an address alone, such as anna@example.org");
  }
  const auto tls = channel.settings.find("tls");
  if (tls != channel.settings.end() && tls->second != "required" && tls->second != "none") {
    refuse_member("settings.tls", "it is 'required' or 'none'");
  }
  const bool has_password = channel.secrets.contains("password") || channel.secret_files.contains("password");
  if (channel.settings.contains("user") != has_password) {
    refuse_member(has_password ? "settings.user" : "secrets.password",
                  "it is missing; a user and a password go together");
  }
}

void check_ntfy(const Channel& channel) {
  check_http_url("settings.url", needed_setting(channel, "url"));
  const std::string topic = needed_setting(channel, "topic");
  const bool is_topic = topic.size() <= 64 && std::all_of(topic.begin(), topic.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 c == '-' || c == '_';
                        });
  if (!is_topic) refuse_member("settings.topic", "it has at most 64 letters, digits, - and _");
}

void check_every(const Channel& channel) {
  const auto every = channel.settings.find("every");
  if (every == channel.settings.end()) return;
  int seconds = 0;
  const char* end = every->second.data() + every->second.size();
  const auto [rest, error] = std::from_chars(every->second.data(), end, seconds);
  if (error != std::errc() || rest != end || seconds < 10 || seconds > 86'400) {
    refuse_member("settings.every", "it is a number of seconds from 10 to 86400");
  }
}

bool is_channel_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

void check_channel(const Channel& channel) {
  if (!is_channel_name(channel.name)) {
    refuse_member("name", "it has 1 to 63 small letters, digits and hyphens");
  }
  check_names_and_values(channel);
  switch (channel.kind) {
    case ChannelKind::webhook:
      return check_webhook(channel);
    case ChannelKind::mail:
      return check_mail(channel);
    case ChannelKind::ntfy:
      return check_ntfy(channel);
    case ChannelKind::alertmanager:
      return check_http_url("settings.url", needed_setting(channel, "url"));
    case ChannelKind::slack:
      return check_secret_url(channel);
    case ChannelKind::heartbeat:
      check_every(channel);
      return check_secret_url(channel);
  }
}

}  // namespace hostwatch::delivery
