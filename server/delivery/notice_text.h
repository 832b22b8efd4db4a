#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/delivery/message.h"

namespace hostwatch::delivery {

// Alarms in words. Times of day are the server's zone's (TZ), all else is pure.

/// Alarms that a message lists at most; how many more there are is said.
inline constexpr std::size_t kMostLines = 20;

/// The text as one line: ends of lines and tabs are blanks, what else is not printable or no UTF-8 is U+FFFD;
/// cut at a character's border.
std::string one_line(std::string_view text, std::size_t max_bytes = 500);

/// "97.4 %", "5.2 GiB", "20 h", "42"; empty for what is not finite.
std::string value_text(double value, std::string_view unit);

/// "02:10", or "29 Nov 02:10" if that is more than 20 hours from `reference`.
std::string time_text(std::int64_t time, std::int64_t reference);

/// "web-1", or "Hostwatch server".
std::string place_text(const AlarmNotice& notice);

/// "critical", "over", "flapping", "test": in one word how it is.
std::string standing_text(const AlarmNotice& notice);

/// "web-1: Disk almost full"; of several alarms "web-1: 3 alarms" or "31 alarms on 12 hosts".
std::string title_text(const Message& message);

/// "/ 97.4 %, limit 97 %, since 02:10".
std::string detail_text(const AlarmNotice& notice, std::int64_t created);

/// Of one alarm its detail; of several a line each, the worst first, kMostLines at most.
std::vector<std::string> text_lines(const Message& message);

/// Where the alarm is on the page.
std::string alarm_url(const std::string& public_url, const AlarmNotice& notice);
/// Of one alarm that; else where all are.
std::string message_url(const std::string& public_url, const Message& message);

/// "disk-full/web-1//": of all that is told about it the same, for receivers that put it together.
std::string alarm_key(const AlarmNotice& notice);

/// The worst that it tells: 2 critical, 1 warning, 0 info; -1: all of it is over.
int urgency(const Message& message);

}  // namespace hostwatch::delivery
