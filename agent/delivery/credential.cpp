#include "agent/delivery/credential.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "util/files/small_file.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMaxTokenBytes = 4'096;

}  // namespace

bool is_enrollment_token(std::string_view token) {
  return token.starts_with("hwe_");
}

bool is_plain_token(std::string_view token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

Credential::Credential(CredentialSettings settings) : settings_(std::move(settings)), own_(kept()) {
  choose();
}

/// A file that cannot be read, or holds what no header may, is as good as none.
std::string Credential::given() const {
  if (settings_.token_file.empty()) return settings_.token;
  const auto text = util::read_small_file(settings_.token_file, kMaxTokenBytes);
  if (!text) return {};
  std::string token = util::trim(*text);
  return is_plain_token(token) ? token : std::string();
}

/// Of this server and host name: another server must not learn it, and another host's is good for nothing.
std::string Credential::kept() {
  if (settings_.kept_file.empty()) return {};
  const auto text = util::read_small_file(settings_.kept_file, kMaxTokenBytes);
  if (!text) return {};
  const auto saved = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  const auto member = [&saved](const char* name) {
    const auto found = saved.is_object() ? saved.find(name) : saved.end();
    return saved.is_object() && found != saved.end() && found->is_string() ? found->get<std::string>()
                                                                           : std::string();
  };
  const std::string name = member("hostname");
  const std::string token = member("token");
  if (member("server") == settings_.server && name != settings_.hostname) other_name_ = name;
  const bool is_for_this = member("server") == settings_.server && name == settings_.hostname;
  return is_for_this && is_plain_token(token) ? token : std::string();
}

void Credential::choose() {
  token_ = given();
  if ((token_.empty() || is_enrollment_token(token_)) && !own_.empty()) token_ = own_;
}

Credential::State Credential::state() {
  const bool is_expected = !settings_.token_file.empty();
  if (token_.empty() && is_expected) choose();
  if (token_.empty()) return is_expected ? State::missing : State::none;
  return is_enrollment_token(token_) ? State::enroll : State::ready;
}

bool Credential::keep(const std::string& token) {
  own_ = token;
  token_ = token;
  other_name_.clear();
  if (settings_.kept_file.empty()) return true;
  const nlohmann::json saved{
      {"server", settings_.server}, {"hostname", settings_.hostname}, {"token", token}};
  if (util::write_small_file(settings_.kept_file, saved.dump() + "\n")) return true;
  spdlog::warn("cannot write '{}': {}; after a restart this host cannot prove who it is", settings_.kept_file,
               std::strerror(errno));
  return false;
}

void Credential::refused() {
  if (!own_.empty() && token_ == own_) {
    own_.clear();
    if (!settings_.kept_file.empty()) std::remove(settings_.kept_file.c_str());
  }
  choose();
}

std::string Credential::hint_of_other_name() const {
  if (other_name_.empty()) return {};
  constexpr std::size_t kShown = 100;
  const auto shown = [](const std::string& name) { return "'" + util::make_printable(name, kShown) + "'"; };
  return "the token in '" + settings_.kept_file + "' is for the name " + shown(other_name_) +
         ", and this host is " + shown(settings_.hostname) +
         " now: give it a new token to enrol with, or its old name with --hostname";
}

void Credential::read_again() {
  choose();
}

}  // namespace hostwatch::agent
