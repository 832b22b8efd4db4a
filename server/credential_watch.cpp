#include "server/credential_watch.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace hostwatch::server {

CredentialWatch::CredentialWatch(auth::AccessControl& access, std::string page,
                                 std::function<std::int64_t()> clock)
    : access_(access), page_(std::move(page)), clock_(std::move(clock)) {
  log_setup();
}

void CredentialWatch::look() {
  try {
    for (const std::string& change : access_.store().take_changes(clock_())) {
      spdlog::info("by a command: {}", change);
    }
    log_setup();
  } catch (const std::exception& error) {  // also for want of memory
    spdlog::error("{}", error.what());
  }
}

void CredentialWatch::log_setup() {
  if (!access_.is_setup_needed(clock_())) return;
  const std::string code = access_.setup_code();
  if (code == logged_) return;
  spdlog::warn("set up the first administrator at {}/dashboard#/setup/{}", page_, code);
  logged_ = code;
}

}  // namespace hostwatch::server
