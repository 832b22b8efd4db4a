// A day without a server: what waits then is delivered within a minute, and fresh readings do not wait for
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>

#include "agent/spool/spool.h"
#include "agent/spool/spool_folder.h"
#include "tests/integration/agent_under_test.h"
#include "tests/integration/ledger.h"

namespace hostwatch::testing {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kDay = 86400;
constexpr int kValues = 100;

/// Readings, one a second, of a hundred values each, as the agent's own code leaves them undelivered.
void leave_readings(const std::string& folder, const std::string& hostname, std::int64_t first,
                    std::int64_t count) {
  agent::SpoolFolder lock(folder);
  lock.save(lock.load(""));
  agent::SpoolSettings settings;
  settings.folder = folder;
  agent::Spool spool(settings);
  protocol::Reading reading{hostname, 0, 0, 40, 50, {}, std::nullopt};
  for (int i = 3; i < kValues; ++i) reading.samples.push_back({"left_value", std::to_string(i), 0});
  for (std::int64_t i = 0; i < count; ++i) {
    reading.timestamp = first + i;
    reading.cpu = value_at(reading.timestamp);
    for (std::size_t k = 0; k < reading.samples.size(); ++k)
      reading.samples[k].value = static_cast<double>((i * static_cast<std::int64_t>(k + 7)) % 10000) / 100;
    spool.push(reading);
  }
  ASSERT_EQ(spool.statistics().waiting, static_cast<std::size_t>(count)) << "the spool had no room for them";
  std::cout << spool.statistics().bytes / 1024 << " KiB of spool\n";
}

std::size_t peak_resident_bytes(const Process& process) {
  std::ifstream status("/proc/" + std::to_string(process.pid()) + "/status");
  std::string word;
  std::size_t kibibytes = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kibibytes;
  }
  return kibibytes * 1024;
}

std::int64_t newest_of(const Server& server, const std::string& hostname) {
  const nlohmann::json hosts = server.get("/hosts");
  for (const auto& host : hosts["hosts"]) {
    if (host["hostname"] == hostname) return host["last_seen"].get<std::int64_t>();
  }
  return 0;
}

TEST(Backlog, ADayIsDeliveredWithinAMinuteWhileFreshReadingsArriveInTime) {
  TemporaryFolder folder;
  const std::int64_t first = unix_now() - kDay - 600;
  leave_readings(folder.file("spool"), "web-1", first, kDay);
  Server server(folder.file("metrics.db"));
  AgentUnderTest agent(server.url(), "web-1", folder.file("spool"));
  const auto begin = steady_clock::now();
  std::int64_t oldest_newest = 0;
  std::optional<double> delivered_before_fresh;
  const bool delivered = eventually(
      [&] {
        const std::int64_t newest = newest_of(server, "web-1");
        const double accepted = server_figure(server, "readings_accepted_total");
        const bool fresh = newest > first + kDay;
        if (fresh && !delivered_before_fresh) delivered_before_fresh = accepted;
        // From the first fresh one on, none may be late.
        if (fresh) oldest_newest = std::max(oldest_newest, unix_now() - newest);
        return accepted >= static_cast<double>(kDay) && fresh;
      },
      std::chrono::seconds(180));
  const double took = std::chrono::duration<double>(steady_clock::now() - begin).count();
  EXPECT_TRUE(delivered) << agent.output();
  std::cout << kDay << " readings of " << kValues << " values in " << took << " s, the first fresh one after "
            << delivered_before_fresh.value_or(kDay) << " of them; the newest reading was never older than "
            << oldest_newest << " s; agent's peak " << peak_resident_bytes(agent.process()) / 1024
            << " KiB resident\n";
  EXPECT_LT(delivered_before_fresh.value_or(kDay), kDay)
      << "the first fresh reading came after all the old ones";
  if (!kSanitized) {
    EXPECT_LT(took, 120) << "60 s are wanted, on a machine with nothing else to do";
    EXPECT_LE(oldest_newest, 10) << "fresh readings waited for old ones";
    EXPECT_LT(peak_resident_bytes(agent.process()), 24U << 20U);
  }

  const std::set<std::int64_t> sampled = agent.sampled();
  EXPECT_TRUE(eventually([&] { return newest_of(server, "web-1") >= *sampled.rbegin(); })) << agent.output();
  const auto stored = stored_readings(server, "web-1", first, *sampled.rbegin());
  std::size_t wrong = 0;
  for (std::int64_t i = first; i < first + kDay; ++i) {
    const auto found = stored.find(i);
    if (found == stored.end() || found->second != value_at(i)) ++wrong;
  }
  EXPECT_EQ(wrong, 0U) << "of the day's readings are lost or have another's value";
  for (const std::int64_t timestamp : sampled) EXPECT_TRUE(stored.contains(timestamp)) << timestamp;
  EXPECT_EQ(server_figure(server, "readings_conflicting_total"), 0);
}

TEST(Backlog, ADamagedSpoolLosesTheDamagedReadingsAloneAndInventsNone) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::int64_t kReadings = 2000;
  constexpr int kDamages = 10;  // a file
  TemporaryFolder folder;
  const std::string path = folder.file("spool");
  const std::int64_t first = unix_now() - 10000;
  leave_readings(path, "web-1", first, kReadings);
  std::size_t damages = 0;
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    if (file.path().extension() != ".spool") continue;
    std::fstream spool(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::int64_t>(file.file_size());
    for (int i = 0; i < kDamages; ++i) {
      const std::int64_t at = std::uniform_int_distribution<std::int64_t>(0, size - 1)(random);
      spool.seekg(at);
      const int byte = spool.get();
      spool.seekp(at);
      spool.put(static_cast<char>(byte ^ (1 << std::uniform_int_distribution<int>(0, 7)(random))));
    }
    damages += kDamages;
  }
  Server server(folder.file("metrics.db"));
  AgentUnderTest agent(server.url(), "web-1", path);
  EXPECT_TRUE(agent.process().wait_for_line("damaged or torn places")) << agent.output();
  std::map<std::int64_t, double> stored;
  const auto enough = [&] {
    stored = stored_readings(server, "web-1", first - 86400, first + kReadings - 1);
    return stored.size() + damages >= static_cast<std::size_t>(kReadings);
  };
  EXPECT_TRUE(eventually(enough)) << stored.size() << " of " << kReadings << "\n" << agent.output();
  for (const auto& [timestamp, value] : stored) {
    EXPECT_GE(timestamp, first) << "invented";
    EXPECT_EQ(value, value_at(timestamp)) << timestamp;
  }
  EXPECT_TRUE(eventually([&] { return !agent.sampled().empty(); })) << agent.output();
  expect_sampled_stored(server, agent);
}

}  // namespace
}  // namespace hostwatch::testing
