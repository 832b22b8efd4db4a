#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "util/mutex.h"
#include "util/text/http_date.h"

namespace hostwatch::http {

/// The `Date` of the answers that go out now: written anew once a second. Thread-safe.
class DateText {
 public:
  /// @param clock Unix seconds
  explicit DateText(std::function<std::int64_t()> clock) : clock_(std::move(clock)) {}

  /// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
  std::string now() {
    const std::int64_t second = clock_();
    const util::MutexLock lock(mutex_);
    if (second != second_ || text_.empty()) {
      second_ = second;
      text_ = util::format_http_date(second);
    }
    return text_;
  }

 private:
  const std::function<std::int64_t()> clock_;
  util::Mutex mutex_;
  std::int64_t second_ GUARDED_BY(mutex_) = 0;
  std::string text_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::http
