#include "server/delivery/notice_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>

#include "util/text/text.h"

namespace hostwatch::delivery {
namespace {

/// Without an exponent, and with as few digits as people read.
std::string number_text(double value) {
  std::array<char, 64> text{};
  const double size = std::fabs(value);
  if (size >= 1e15) {
    std::snprintf(text.data(), text.size(), "%.3g", value);
    return text.data();
  }
  std::snprintf(text.data(), text.size(), "%.*f", size >= 10 ? 1 : 2, value);
  std::string written = text.data();
  written.erase(written.find_last_not_of('0') + 1);
  if (written.ends_with('.')) written.pop_back();
  return written == "-0" ? "0" : written;
}

std::string bytes_text(double value) {
  constexpr std::array<const char*, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (std::fabs(value) >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return number_text(value) + " " + kUnits.at(unit);
}

std::string seconds_text(double value) {
  const double size = std::fabs(value);
  if (size < 120) return number_text(value) + " s";
  if (size < 7200) return number_text(std::round(value / 60)) + " min";
  if (size < 172'800) return number_text(std::round(value / 3600)) + " h";
  return number_text(std::round(value / 86'400)) + " d";
}

int severity_rank(const AlarmNotice& notice) {
  if (notice.event == "ended") return -1;
  return notice.severity == "critical" ? 2 : notice.severity == "warning" ? 1 : 0;
}

/// "/ ", if there is one.
std::string instance_text(const AlarmNotice& notice) {
  return notice.instance.empty() ? "" : one_line(notice.instance, 200) + " ";
}

std::string ended_text(const AlarmNotice& notice, std::int64_t created) {
  const std::string when = notice.ended ? " at " + time_text(*notice.ended, created) : "";
  const bool is_cleared = notice.end_reason.empty() || notice.end_reason == "cleared";
  std::string text = is_cleared ? "over" + when : "ended" + when + ": " + one_line(notice.end_reason);
  if (notice.end_value) {
    const std::string value = value_text(*notice.end_value, notice.unit);
    if (!value.empty()) text += (is_cleared ? ": " : ", ") + value;
  }
  return instance_text(notice) + text + ", since " + time_text(notice.started, created);
}

std::string open_text(const AlarmNotice& notice, std::int64_t created) {
  std::string text = instance_text(notice);
  const std::string value = value_text(notice.value, notice.unit);
  const std::string limit = value_text(notice.limit, notice.unit);
  if (!value.empty() && !limit.empty()) text += value + ", limit " + limit + ", ";
  if (notice.event == "raised") text += "now " + one_line(notice.severity) + ", ";
  if (notice.event == "repeat") text += "still, ";
  if (notice.event == "flapping") text += "comes and goes, ";
  return text + "since " + time_text(notice.started, created);
}

std::string alarms_counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " alarm" : " alarms");
}

}  // namespace

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string line(text.substr(0, max_bytes * 4));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n' || c == '\t'; }, ' ');
  return util::make_printable(line, max_bytes);
}

std::string value_text(double value, std::string_view unit) {
  if (!std::isfinite(value)) return "";
  if (unit == "percent") return number_text(value) + " %";
  if (unit == "bytes") return bytes_text(value);
  if (unit == "bytes_per_second") return bytes_text(value) + "/s";
  if (unit == "per_second") return number_text(value) + "/s";
  if (unit == "seconds") return seconds_text(value);
  return number_text(value);
}

std::string time_text(std::int64_t time, std::int64_t reference) {
  constexpr std::int64_t kSameDay = 20 * 3600;
  const std::time_t seconds = time;
  std::tm parts{};
  if (::localtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 64> text{};
  const bool is_far = time - reference > kSameDay || reference - time > kSameDay;
  std::strftime(text.data(), text.size(), is_far ? "%d %b %H:%M" : "%H:%M", &parts);
  return text.data();
}

std::string place_text(const AlarmNotice& notice) {
  return notice.host.empty() ? "Hostwatch server" : one_line(notice.host, 253);
}

std::string standing_text(const AlarmNotice& notice) {
  if (notice.event == "ended") return "over";
  if (notice.event == "flapping" || notice.event == "test") return notice.event;
  return one_line(notice.severity, 20);
}

std::string title_text(const Message& message) {
  const std::size_t count = message.alarms.size() + message.left_out;
  if (count == 1 && !message.alarms.empty()) {
    const AlarmNotice& only = message.alarms.front();
    return place_text(only) + ": " + one_line(only.name.empty() ? only.rule : only.name, 200);
  }
  std::set<std::string> hosts;
  for (const AlarmNotice& notice : message.alarms) hosts.insert(notice.host);
  if (hosts.size() == 1 && message.left_out == 0) {
    return place_text(message.alarms.front()) + ": " + alarms_counted(count);
  }
  const std::string on = message.left_out == 0 ? " on " + std::to_string(hosts.size()) + " hosts" : "";
  return alarms_counted(count) + on;
}

std::string detail_text(const AlarmNotice& notice, std::int64_t created) {
  std::string text = notice.event == "ended" ? ended_text(notice, created) : open_text(notice, created);
  if (notice.late) text += ", found late";
  if (!notice.note.empty()) text += "; " + one_line(notice.note);
  return text;
}

std::vector<std::string> text_lines(const Message& message) {
  if (message.alarms.size() == 1 && message.left_out == 0) {
    return {detail_text(message.alarms.front(), message.created)};
  }
  std::vector<const AlarmNotice*> sorted;
  for (const AlarmNotice& notice : message.alarms) sorted.push_back(&notice);
  std::stable_sort(sorted.begin(), sorted.end(), [](const AlarmNotice* a, const AlarmNotice* b) {
    return severity_rank(*a) > severity_rank(*b);
  });
  std::vector<std::string> lines;
  for (const AlarmNotice* notice : sorted) {
    if (lines.size() == kMostLines) break;
    lines.push_back(standing_text(*notice) + ": " + place_text(*notice) + ": " +
                    one_line(notice->name.empty() ? notice->rule : notice->name, 200) + ": " +
                    detail_text(*notice, message.created));
  }
  const std::size_t more = message.alarms.size() + message.left_out - lines.size();
  if (more > 0) lines.push_back("and " + std::to_string(more) + " more");
  return lines;
}

std::string alarm_url(const std::string& public_url, const AlarmNotice& notice) {
  return public_url + "/dashboard#/alarms" + (notice.id == 0 ? "" : "/" + std::to_string(notice.id));
}

std::string message_url(const std::string& public_url, const Message& message) {
  const bool is_one = message.alarms.size() == 1 && message.left_out == 0;
  return is_one ? alarm_url(public_url, message.alarms.front()) : public_url + "/dashboard#/alarms";
}

std::string alarm_key(const AlarmNotice& notice) {
  return notice.rule + "/" + notice.host + "/" + notice.instance;
}

int urgency(const Message& message) {
  int worst = -1;
  for (const AlarmNotice& notice : message.alarms) worst = std::max(worst, severity_rank(notice));
  return worst;
}

}  // namespace hostwatch::delivery
