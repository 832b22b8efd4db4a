#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::alerts {

inline constexpr int kMinutesOfDay = 24 * 60;

/// A time of the week by the wall clock of the server's zone (TZ), such as "sat 02:00-04:00",
/// "mon-fri 22:00-07:00", "sat,sun 00:00-24:00" or "daily 22:00-07:00". One that ends before it begins ends
/// on the next day; the day is the one on which it begins.
struct WeeklyWindow {
  std::bitset<7> days;  ///< on which it begins; 0 is Sunday
  int begin = 0;        ///< minutes of the day, 0 to 1439
  int end = 0;          ///< minutes of the day on which it begins; beyond 1440 on the next

  friend bool operator==(const WeeklyWindow&, const WeeklyWindow&) = default;
};

/// Throws TellingError that begins with `field`.
WeeklyWindow weekly_window_from_text(std::string_view text, const std::string& field);

/// What windows say of a moment, and until when that is so.
struct WeeklyPhase {
  bool inside = false;
  std::int64_t changes = 0;  ///< Unix seconds; at most 8 days ahead, where it may be as before
};

/// By the wall clock: an hour that comes twice is inside twice, one that is left out never was. Uses
/// localtime_r().
WeeklyPhase weekly_phase(const std::vector<WeeklyWindow>& windows, std::int64_t now);

/// "07:00", or "07:00:30" with seconds, of the server's zone.
std::string clock_text(std::int64_t time, bool with_seconds);

/// "07:00", or "2026-12-01 07:00" where that is not the day of `now`.
std::string moment_text(std::int64_t time, std::int64_t now);

}  // namespace hostwatch::alerts
