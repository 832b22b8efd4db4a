#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/http/http_server.h"
#include "server/http/refusal_log.h"

namespace hostwatch::http {

/// Counts what is posted and refused, and tells of the first from each client for each kind of reason in the
/// log, in one line that says what would help: agents of other programs (collectd, netdata, Prometheus) log
/// no refusal themselves, so that nobody would learn why nothing appears. Thread-safe; the lines are bounded
/// as RefusalLog says, for each kind on its own.
class PostRefusals {
 public:
  enum class Kind : std::uint8_t {
    address,  ///< there is nothing there, or nothing to be posted to: 404, 405
    access,   ///< no token, or one that is not good for this: 401, 403
    form      ///< not readings as JSON: 400, 413, 415
  };
  static constexpr std::size_t kKinds = 3;
  using Counts = std::array<std::uint64_t, kKinds>;

  /// `where`: method and path; `request`: for its headers; `client`: its address behind any proxy that is
  /// trusted; `refusal`: what is answered, of the statuses above (others are passed over); `now`: Unix
  /// seconds.
  void note(std::string_view where, const Request& request, const std::string& client,
            const Response& refusal, std::int64_t now);

  /// Since the start, by kind.
  Counts counts() const;

 private:
  std::array<std::atomic<std::uint64_t>, kKinds> counts_{};
  std::array<RefusalLog, kKinds> logs_;
};

/// "address", "access", "form": as they are counted in /metrics.
std::string_view name_of(PostRefusals::Kind kind);

/// Which other program's agent a request comes from, as far as its headers tell; else empty.
std::string_view other_program_of(const Request& request);

}  // namespace hostwatch::http
