#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace hostwatch::api {

/// Whether something is worth a line in the log: of each client once an hour, of all together so many, so
/// that nobody fills a log. Thread-safe; bounded.
class RefusalLog {
 public:
  static constexpr std::int64_t kAgainAfter = 3600;  ///< seconds
  static constexpr std::size_t kMost = 200;          ///< clients in an hour

  /// `client`: see auth::network_of(). `now`: Unix seconds.
  bool is_due(const std::string& client, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    // A clock that was set back begins anew.
    const auto is_over = [now](std::int64_t told) { return now >= told + kAgainAfter || now < told; };
    if (const auto found = told_.find(client); found != told_.end() && !is_over(found->second)) return false;
    std::erase_if(told_, [&](const auto& one) { return is_over(one.second); });
    return told_.size() < kMost && told_.emplace(client, now).second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::int64_t> told_;
};

}  // namespace hostwatch::api
