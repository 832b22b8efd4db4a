#include "agent/spool/spool_folder.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "util/files/file_access.h"
#include "util/files/small_file.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMaxStateBytes = 4'096;
constexpr std::size_t kIdentityDigits = 32;
constexpr std::string_view kDigits = "0123456789abcdef";

std::string make_identity() {
  std::array<unsigned char, kIdentityDigits / 2> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0) throw std::runtime_error("no random bytes to be had");
  std::string identity;
  for (const unsigned char byte : bytes) {
    identity += kDigits[byte >> 4U];
    identity += kDigits[byte & 0xFU];
  }
  return identity;
}

bool is_identity(const std::string& text) {
  return text.size() == kIdentityDigits && text.find_first_not_of(kDigits) == std::string::npos;
}

void make_folder(const std::string& path) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (!error && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    error.assign(errno, std::generic_category());
  if (error) spdlog::warn("the spool's folder '{}' cannot be made: {}", path, error.message());
}

}  // namespace

AgentState new_agent_state(std::string machine) {
  return {make_identity(), std::nullopt, std::move(machine)};
}

SpoolFolder::SpoolFolder(std::string path) : path_(std::move(path)) {
  make_folder(path_);
  if (const auto why = util::why_not_private_folder(path_, ::geteuid())) {
    throw SpoolNotPrivate("the spool's folder '" + path_ + "' " + *why + " with --spool");
  }
  const std::string file = path_ + "/lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (lock_ < 0) {
    spdlog::warn("cannot write '{}': {}", file, std::strerror(errno));
    return;
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(lock_);
  throw SpoolInUse("the spool '" + path_ +
                   "' is in use by another hostwatch-agent; give each its own with --spool");
}

SpoolFolder::~SpoolFolder() {
  if (lock_ >= 0) ::close(lock_);
}

AgentState SpoolFolder::load(const std::string& machine) {
  AgentState state;
  if (const auto text = util::read_small_file(state_file(), kMaxStateBytes)) {
    const auto saved = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
    if (saved.is_object()) {
      const auto identity = saved.find("identity");
      if (identity != saved.end() && identity->is_string()) state.identity = identity->get<std::string>();
      const auto last = saved.find("last_timestamp");
      if (last != saved.end() && last->is_number_integer()) state.last_timestamp = last->get<std::int64_t>();
      const auto before = saved.find("machine");
      if (before != saved.end() && before->is_string()) state.machine = before->get<std::string>();
    }
  }
  const bool is_clone = !machine.empty() && !state.machine.empty() && machine != state.machine;
  if (is_clone)
    spdlog::info("this is another machine than the one that the spool was made on: a new identity");
  const bool is_known = is_identity(state.identity) && !is_clone;
  if (is_known && (machine.empty() || machine == state.machine)) return state;
  if (!is_known) state.identity = make_identity();
  if (!machine.empty()) state.machine = machine;
  save(state);
  return state;
}

bool SpoolFolder::save(const AgentState& state) {
  nlohmann::json saved{{"identity", state.identity}};
  if (state.last_timestamp) saved["last_timestamp"] = *state.last_timestamp;
  if (!state.machine.empty()) saved["machine"] = state.machine;
  if (util::write_small_file(state_file(), saved.dump() + "\n")) return true;
  spdlog::warn("cannot write '{}': {}", state_file(), std::strerror(errno));
  return false;
}

}  // namespace hostwatch::agent
