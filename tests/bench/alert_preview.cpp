// What the preview of a rule costs: alert_preview FOLDER [HOSTS [DAYS]] makes a database of so many hosts
// with a reading each ten seconds (once: a second run takes it as it is), and prints a table.
// docs/performance.md
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "protocol/received_reading.h"
#include "server/alerts/history/preview.h"
#include "server/alerts/rules/rule_json.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace {

using namespace hostwatch;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kBegin = 1763856000;
constexpr std::int64_t kInterval = 10;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Of this process: what else runs on the machine does not count.
double processor_milliseconds() {
  return static_cast<double>(std::clock()) * 1000 / CLOCKS_PER_SEC;
}

/// Values as hosts have them: slow waves, some noise, and now and then a disk that fills.
std::vector<protocol::Reading> make_readings(const std::string& host, std::size_t number, std::int64_t from,
                                             std::int64_t to) {
  std::vector<protocol::Reading> readings;
  for (std::int64_t at = from; at < to; at += kInterval) {
    const double hours = static_cast<double>(at - kBegin) / 3600 + static_cast<double>(number);
    const double noise =
        static_cast<double>((at / kInterval * 7919 + static_cast<std::int64_t>(number)) % 101);
    const double used = 80 + 12 * std::sin(hours / 5);
    protocol::Reading reading{host,
                              at,
                              std::round(50 + 40 * std::sin(hours) + noise / 10),
                              std::round(700 + 150 * std::sin(hours / 3) + noise / 5) / 10,
                              used,
                              {},
                              {}};
    for (const char* const mount : {"/", "/home", "/var", "/boot"}) {
      reading.samples.push_back({"filesystem_used_percent", mount, std::round(used * 10) / 10});
      reading.samples.push_back(
          {"filesystem_free_bytes", mount, std::round((100 - used) * 1e9 / 4096) * 4096});
    }
    for (const char* const resource : {"cpu", "io", "memory"}) {
      reading.samples.push_back(
          {"pressure_full_percent", resource, std::max(0.0, 10 * std::sin(hours) + noise / 20)});
    }
    reading.samples.push_back({"load_1m", "", std::round(noise) / 10});
    readings.push_back(std::move(reading));
  }
  return readings;
}

void fill(storage::Store& store, std::size_t hosts, std::int64_t days) {
  for (std::int64_t day = 0; day < days; ++day) {
    for (std::size_t i = 0; i < hosts; ++i) {
      const std::int64_t from = kBegin + day * 86400;
      const auto received =
          protocol::received(make_readings("host-" + std::to_string(i), i, from, from + 86400));
      const std::span<const protocol::ReceivedReading> one(received);
      store.append(std::span(&one, 1), from + 86400);
      while (store.maintain(from + 86400)) {
      }
    }
  }
}

struct Case {
  const char* name;
  const char* rule;
};

constexpr Case kCases[] = {
    {"cpu > 85 for 2m", R"({"id": "cpu", "when": [{"metric": "cpu", "above": {"warning": 85}}]})"},
    {"cpu > 85 for 0", R"({"id": "cpu", "for": 0, "when": [{"metric": "cpu", "above": {"warning": 85}}]})"},
    {"disk-full (two conditions, four disks)", R"({"id": "disk", "for": "5m", "when": [
       {"metric": "filesystem_used_percent", "above": {"warning": 90, "critical": 97}},
       {"metric": "filesystem_free_bytes", "below": {"warning": "20GiB", "critical": "5GiB"}}]})"},
    {"mean of 5m", R"({"id": "pressure", "when": [{"metric": "pressure_full_percent", "instance": "memory",
       "value": {"mean": "5m"}, "above": {"warning": 10}}]})"},
    {"host_silent", R"({"id": "down", "when": [{"metric": "host_silent", "severity": "critical"}]})"}};

void measure(const storage::Store& store, const Case& one, const std::string& host, std::int64_t days,
             bool with_variants) {
  auto rule = alerts::parse_rule(one.rule);
  if (const auto* wrong = std::get_if<std::string>(&rule)) {
    std::printf("%s: %s\n", one.name, wrong->c_str());
    std::exit(1);
  }
  std::vector<double> times;
  alerts::Preview found;
  for (int i = 0; i < (host.empty() ? 1 : 5); ++i) {
    query::HistoryLimits limits;
    limits.max_time = std::chrono::minutes(10);
    query::AnswerBudget budget(limits);
    const double begin = processor_milliseconds();
    found = alerts::preview(store,
                            {.rule = std::get<alerts::Rule>(rule),
                             .from = kBegin,
                             .to = kBegin + days * 86400,
                             .hostname = host,
                             .with_variants = with_variants},
                            budget);
    times.push_back(processor_milliseconds() - begin);
  }
  std::sort(times.begin(), times.end());
  std::printf("%-40s %5zu hosts %s %9.1f ms of processor, fired %zu, told %zu%s\n", one.name,
              static_cast<std::size_t>(found.examined_hosts), with_variants ? "with what-if" : "alone       ",
              times[times.size() / 2], static_cast<std::size_t>(found.fired),
              static_cast<std::size_t>(found.told), found.exact ? "" : ", not exact");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::puts("alert_preview FOLDER [HOSTS [DAYS]]");
    return 2;
  }
  const std::size_t hosts = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10;
  const std::int64_t days = argc > 3 ? std::strtol(argv[3], nullptr, 10) : 7;
  storage::sqlite::SqliteOptions options;
  options.path = std::string(argv[1]) + "/preview.db";
  options.steady_seconds = [] { return kBegin; };
  storage::sqlite::SqliteStore store(options);
  if (store.host_names().empty()) {
    const auto begin = Clock::now();
    fill(store, hosts, days);
    std::printf("filled in %.1f s\n", milliseconds_since(begin) / 1000);
  }
  for (const Case& one : kCases) {
    for (const bool with_variants : {false, true}) {
      measure(store, one, "host-0", days, with_variants);
      measure(store, one, "", days, with_variants);
    }
  }
  return 0;
}
