#pragma once

#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace hostwatch::alerts {

/// While it lives the process is in that time zone.
class Zone {
 public:
  explicit Zone(const char* name) {
    if (const char* old = std::getenv("TZ")) before_ = old;
    setenv("TZ", name, 1);
    tzset();
  }
  ~Zone() {
    if (before_.has_value()) {
      setenv("TZ", before_->c_str(), 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

 private:
  std::optional<std::string> before_;
};

/// Unix seconds of a time in UTC.
inline std::int64_t utc(int year, int month, int day, int hour, int minute, int second = 0) {
  std::tm time = {};
  time.tm_year = year - 1900;
  time.tm_mon = month - 1;
  time.tm_mday = day;
  time.tm_hour = hour;
  time.tm_min = minute;
  time.tm_sec = second;
  return static_cast<std::int64_t>(timegm(&time));
}

}  // namespace hostwatch::alerts
