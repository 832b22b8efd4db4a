#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::api {

/// Why something that was posted is refused.
enum class RefusalKind : std::uint8_t {
  address,  ///< there is nothing there, or nothing to be posted to: 404, 405
  access,   ///< no token, or one that is not good for this: 401, 403
  form      ///< not readings as JSON, or no whole request: 400, 411, 413, 415, 417, 431, 501
};

/// "address", "access", "form": as they are counted in /metrics and listed in /refusals.
std::string_view name_of(RefusalKind kind);

/// What was posted from an address and refused for one kind of reason. Texts are the latest refusal's,
/// printable and bounded.
struct RefusedPost {
  std::string address;  ///< of the client, behind any proxy that is trusted
  RefusalKind kind = RefusalKind::address;
  std::string where;       ///< method and path
  int status = 0;          ///< of the answer
  std::string error;       ///< the answer's text
  std::string program;     ///< which other program's agent it looks like; else empty
  std::int64_t first = 0;  ///< Unix seconds
  std::int64_t last = 0;   ///< likewise
  std::uint64_t count = 0;
};

/// The latest refusals, one for each client's address and kind, for the page where hosts are added.
/// Thread-safe. Bounded whatever is sent: in places, of which the addresses of one site (auth::site_of) hold
/// a few, so that they do not push out all others; and in time.
class LatestRefusals {
 public:
  static constexpr std::size_t kMost = 50;             ///< places; the one not seen for longest gives way
  static constexpr std::size_t kMostOfOne = 8;         ///< places of one site; likewise, among its own
  static constexpr std::int64_t kKeptFor = 24 * 3600;  ///< seconds since it was last seen

  /// `refusal`: without first, last and count. `now`: Unix seconds.
  void add(RefusedPost refusal, std::int64_t now);

  /// Those not older than kKeptFor, the one seen last first.
  std::vector<RefusedPost> all(std::int64_t now) const;

 private:
  struct Entry {
    RefusedPost post;
    std::string site;
  };

  void make_room(const std::string& site);

  mutable std::mutex mutex_;
  std::list<Entry> entries_;  ///< the one seen last first
};

}  // namespace hostwatch::api
