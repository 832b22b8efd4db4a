// How long one piece of the store's maintenance holds up ingest: the longest pieces while hosts of different
// widths are stored in order, and while a day comes in random order.
//
//   build-bench/tests/bench/maintenance FOLDER
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "server/storage/sqlite/sqlite_store.h"

namespace {

using namespace hostwatch;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kStart = 1763596800;

struct Workload {
  const char* name;
  int hosts;
  int series;  ///< besides cpu, ram and disk
  std::int64_t interval;
  int readings;  ///< a host
  bool shuffled;
};

std::vector<protocol::Reading> make_readings(const Workload& work) {
  std::mt19937 random(1);
  std::vector<protocol::Reading> all;
  for (int i = 0; i < work.readings; ++i) {
    for (int host = 0; host < work.hosts; ++host) {
      protocol::Reading reading{
          "host-" + std::to_string(host), kStart + i * work.interval, 12.5, 41.3, 73.2, {}, {}};
      reading.cpu = static_cast<double>(random() % 1000) / 10;
      for (int k = 0; k < work.series; ++k) {
        reading.samples.push_back({"gauge", std::to_string(k), static_cast<double>(random() % 10000) / 10});
      }
      all.push_back(std::move(reading));
    }
  }
  if (work.shuffled) std::shuffle(all.begin(), all.end(), random);
  return all;
}

void measure(const Workload& work, const std::string& folder) {
  const std::string path = folder + "/maintenance.db";
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  storage::sqlite::SqliteOptions options;
  options.path = path;
  options.retention = {3650LL * 86400, 3650LL * 86400, 3650LL * 86400};
  storage::sqlite::SqliteStore store(options);
  const auto readings = protocol::received(make_readings(work));
  const std::int64_t now = kStart + work.readings * work.interval;
  std::vector<double> pieces;
  double appending = 0;
  const auto timed = [](const auto& what) {
    const auto began = Clock::now();
    what();
    return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
  };
  const auto maintain = [&] {
    bool more = false;
    pieces.push_back(timed([&] { more = store.maintain(now); }));
    return more;
  };
  constexpr std::size_t kEach = 1000;
  for (std::size_t at = 0; at < readings.size(); at += kEach) {
    const std::span<const protocol::ReceivedReading> some(readings.data() + at,
                                                          std::min(kEach, readings.size() - at));
    appending += timed([&] { store.append(std::span(&some, 1), now); });
    maintain();
  }
  while (maintain()) {
  }
  std::sort(pieces.begin(), pieces.end());
  double all = 0;
  for (const double piece : pieces) all += piece;
  const auto share = [&](double part) {
    return pieces[std::min(pieces.size() - 1,
                           static_cast<std::size_t>(part * static_cast<double>(pieces.size())))];
  };
  const double count = static_cast<double>(readings.size());
  std::printf("| %s | %zu | %.2f | %.2f | %.2f | %.1f | %.1f |\n", work.name, pieces.size(), share(0.5),
              share(0.99), pieces.back(), all * 1000 / count, appending * 1000 / count);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: maintenance FOLDER\n");
    return 2;
  }
  try {
    std::printf(
        "| readings | pieces | median ms | 99 %% ms | longest ms | maintenance us a reading | append us a "
        "reading "
        "|\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for (const Workload& work :
         {Workload{"10 hosts, 3 values, 10 s, 10 days", 10, 0, 10, 86400, false},
          Workload{"1 host, 100 values, 1 s, 6 h", 1, 97, 1, 21600, false},
          Workload{"1 host, 500 values, 1 s, 1 h", 1, 497, 1, 3600, false},
          Workload{"50 hosts, 60 values, 10 s, 6 h", 50, 57, 10, 2160, false},
          Workload{"1 host, 60 values, 10 s, a day in random order", 1, 57, 10, 8640, true},
          Workload{"1 host, 100 values, 1 s, 6 h in random order", 1, 97, 1, 21600, true}}) {
      measure(work, argv[1]);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "maintenance: %s\n", error.what());
    return 1;
  }
}
