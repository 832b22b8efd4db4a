#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/readings/latest_refusals.h"
#include "server/api/readings/refusal_log.h"
#include "server/http/http_server.h"

namespace hostwatch::api {

/// Counts what is posted and refused, and tells of the first from each client for each kind of reason in the
/// log, in one line that says what would help: agents of other programs (collectd, netdata, Prometheus) log
/// no refusal themselves, so that nobody would learn why nothing appears. Keeps the latest of each for the
/// page. Thread-safe; the lines are bounded as RefusalLog says, for each kind on its own, what is kept as
/// LatestRefusals says.
class PostRefusals {
 public:
  using Kind = RefusalKind;
  static constexpr std::size_t kKinds = 3;
  using Counts = std::array<std::uint64_t, kKinds>;
  /// Whether a refusal is for the log, or somebody else has told it of this one already.
  enum class Log : std::uint8_t { tell, told };

  /// `where`: method and path; `request`: for its headers; `client`: its address behind any proxy that is
  /// trusted; `refusal`: what is answered, of the statuses above (others are passed over); `now`: Unix
  /// seconds.
  void note(std::string_view where, const http::Request& request, const std::string& client,
            const http::Response& refusal, std::int64_t now, Log log = Log::tell);

  /// Since the start, by kind.
  Counts counts() const;

  /// As LatestRefusals::all(). `now`: Unix seconds.
  std::vector<RefusedPost> latest(std::int64_t now) const { return latest_.all(now); }

 private:
  std::array<std::atomic<std::uint64_t>, kKinds> counts_{};
  std::array<RefusalLog, kKinds> logs_;
  LatestRefusals latest_;
};

/// Which other program's agent a request comes from, as far as its headers tell; else empty.
std::string_view other_program_of(const http::Request& request);

}  // namespace hostwatch::api
