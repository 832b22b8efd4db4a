// A reading and the alarm that it raises are one transaction: whatever the disk does, both are there or
// neither. And readers see whole ones while it goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <ostream>
#include <random>
#include <set>
#include <thread>

#include "tests/unit/server/storage/sqlite/alerts/recording_watcher.h"
#include "tests/unit/server/storage/sqlite/fault_disk.h"

namespace hostwatch::storage::alarm_transaction_test {
namespace {

constexpr std::int64_t kNow = StoreFixture::kNow;

/// Raises an alarm for each reading, whose number is the reading's time after kNow; reads the state anew
/// after what failed, as the evaluation does.
class AlarmForEach final : public AppendWatcher {
 public:
  explicit AlarmForEach(StoreFixture& fixture) : fixture_(fixture) {}
  void see(const NewReadings& host, std::int64_t now) override {
    if (!is_loaded_) {
      for (const AlarmStateRow& row : alerts().alert_state().states) raised_.insert(row.alarm);
      is_loaded_ = true;
    }
    for (const protocol::ReceivedReading* reading : host.readings) {
      const std::int64_t id = reading->timestamp - kNow;
      EXPECT_TRUE(raised_.insert(id).second) << "the reading was stored before";
      const AlarmRow alarm = open_alarm(id, std::string(host.name), reading->timestamp);
      changes_.alarms.push_back(alarm);
      changes_.states.push_back(firing(alarm));
      changes_.states.back().instance = std::to_string(id);
      changes_.events.push_back({id, reading->timestamp, now, "fired", {}, ""});
    }
  }
  const AlertChanges& changes() override { return changes_; }
  void committed() noexcept override { changes_.clear(); }
  void rolled_back() noexcept override {
    changes_.clear();
    raised_.clear();
    is_loaded_ = false;
  }

 private:
  AlertStore& alerts() { return fixture_.store().alerts(); }
  StoreFixture& fixture_;
  AlertChanges changes_;
  std::set<std::int64_t> raised_;
  bool is_loaded_ = false;
};

std::set<std::int64_t> readings_of(StoreFixture& fixture) {
  std::set<std::int64_t> found;
  for (const auto& [timestamp, cpu] : fixture.cpu_of("web-1")) found.insert(timestamp - kNow);
  return found;
}

/// Also that each has all its rows.
std::set<std::int64_t> alarms_of(StoreFixture& fixture) {
  const AlertState state = fixture.store().alerts().alert_state();
  std::set<std::int64_t> found;
  for (const AlarmRow& alarm : state.open_alarms) {
    found.insert(alarm.id);
    EXPECT_EQ(fixture.store().alerts().alarm(alarm.id)->events.size(), 1U);
  }
  std::set<std::int64_t> by_state;
  for (const AlarmStateRow& row : state.states) by_state.insert(row.alarm);
  EXPECT_EQ(found, by_state);
  return found;
}

struct Fault {
  const char* name;
  std::int64_t count;
  int code;
};

/// The name alone: a test's name must not hold addresses.
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

class AlarmTransactions : public ::testing::TestWithParam<Fault> {};

TEST_P(AlarmTransactions, AFailingDiskLeavesBothOrNeither) {
  bool failed = true;
  for (int nth = 1; failed && nth < 200; ++nth) {
    SCOPED_TRACE("operation " + std::to_string(nth));
    FaultDisk disk;
    StoreFixture fixture;
    AlarmForEach watcher(fixture);
    fixture.store().alerts().watch(&watcher);
    disk.fail(nth, GetParam().count, GetParam().code);
    std::set<std::int64_t> sent;
    for (std::int64_t round = 1; round <= 6; ++round) {
      bool stored = false;
      for (int attempt = 0; attempt < 4 && !stored; ++attempt) {
        if (attempt == 2) disk.heal();
        try {
          fixture.append({StoreFixture::reading("web-1", kNow + round),
                          StoreFixture::reading("web-1", kNow + 100 - round)});
          stored = true;
        } catch (const StoreError&) {
          EXPECT_TRUE(disk.has_failed());
          // What was told to have failed may be there after all once the file was opened again: then it is
          // whole, and known as such before anything more is written.
          const std::size_t found = alarms_of(fixture).size();
          EXPECT_TRUE(found == sent.size() || found == sent.size() + 2) << found;
        }
      }
      EXPECT_TRUE(stored);
      sent.insert({round, 100 - round});
      EXPECT_EQ(alarms_of(fixture), sent);
      EXPECT_EQ(readings_of(fixture), sent);
    }
    failed = disk.has_failed();
    disk.heal();
    fixture.reopen();
    EXPECT_EQ(alarms_of(fixture), sent);
    EXPECT_EQ(readings_of(fixture), sent);
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_FALSE(failed) << "the fault was moved through all that is done";
}

INSTANTIATE_TEST_SUITE_P(Sqlite, AlarmTransactions,
                         ::testing::Values(Fault{"OneWriteOrSync", 1, SQLITE_IOERR_FSYNC},
                                           Fault{"ForAWhile", 1000000, SQLITE_IOERR_WRITE},
                                           Fault{"FullForAWhile", 1000000, SQLITE_FULL}),
                         [](const auto& fault) { return std::string(fault.param.name); });

TEST(AlarmTransaction, APowerCutLeavesBothOrNeither) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::map<std::string, std::string> files;
    std::set<std::int64_t> acknowledged;
    std::set<std::int64_t> acknowledged_then;
    {
      FaultDisk disk;
      StoreFixture fixture;
      fixture.options.file_after_readings = 20;
      fixture.reopen();
      AlarmForEach watcher(fixture);
      fixture.store().alerts().watch(&watcher);
      disk.after(static_cast<std::int64_t>(random() % 400), [&] {
        for (const char* suffix : {"", "-wal"})
          files[suffix] = disk.survives(fixture.path() + suffix, random);
        acknowledged_then = acknowledged;
      });
      for (std::int64_t i = 1; files.empty(); ++i) {
        fixture.append({StoreFixture::reading("web-1", kNow + i)});
        acknowledged.insert(i);
        if (i % 8 == 0) fixture.maintain(kNow + i);
      }
    }
    StoreFixture fixture;
    fixture.close();
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(fixture.path() + suffix);
    for (const auto& [suffix, bytes] : files) {
      std::ofstream(fixture.path() + suffix, std::ios::binary) << bytes;
    }
    fixture.reopen();
    const std::set<std::int64_t> alarms = alarms_of(fixture);
    EXPECT_EQ(readings_of(fixture), alarms);
    EXPECT_TRUE(
        std::includes(alarms.begin(), alarms.end(), acknowledged_then.begin(), acknowledged_then.end()));
  }
}

TEST(AlarmTransaction, AfterAnErrorWhatWasKnownIsReadAnew) {
  FaultDisk disk;
  StoreFixture fixture;
  RecordingWatcher watcher;
  fixture.store().alerts().watch(&watcher);
  fixture.append({StoreFixture::reading("web-1", kNow)});
  watcher.clear();
  AlertChanges changes;
  changes.alarms = {open_alarm(1, "web-1", kNow)};
  disk.fail(1, 1, SQLITE_IOERR_WRITE);
  EXPECT_THROW(fixture.store().alerts().write(changes), StoreError);
  EXPECT_THROW(fixture.store().alerts().write(changes), StoreError) << "it was opened again";
  EXPECT_EQ(watcher.calls, std::vector<std::string>{"rolled_back"});
  fixture.store().alerts().write(changes);
  EXPECT_EQ(fixture.store().alerts().alarms({}).size(), 1U);
}

TEST(AlarmTransaction, NothingIsWrittenWhileTheFileIsNotInItsPlace) {
  StoreFixture fixture;
  AlertChanges changes;
  changes.alarms = {open_alarm(1, "web-1", kNow)};
  std::filesystem::rename(fixture.path(), fixture.path() + ".old");
  EXPECT_THROW(fixture.store().alerts().write(changes), StoreError);
  std::filesystem::rename(fixture.path() + ".old", fixture.path());
  fixture.store().alerts().write(changes);
  EXPECT_EQ(fixture.store().alerts().alarms({}).size(), 1U);
}

TEST(AlarmTransaction, ReadersSeeWholeOnesWhileItGoesOn) {
  StoreFixture fixture;
  AlarmForEach watcher(fixture);
  const AlertStore& alerts = fixture.store().alerts();
  fixture.store().alerts().watch(&watcher);
  std::atomic<bool> is_over{false};
  AlarmQuery newest;
  newest.limit = 5;
  const auto read = [&] {
    std::size_t before = 0;
    while (!is_over) {
      const AlertState state = alerts.alert_state();
      EXPECT_EQ(state.open_alarms.size(), state.states.size());
      EXPECT_GE(state.open_alarms.size(), before);
      before = state.open_alarms.size();
      for (const AlarmRow& alarm : alerts.alarms(newest)) {
        EXPECT_EQ(alerts.alarm(alarm.id)->events.size(), 1U);
      }
      EXPECT_TRUE(alerts.dead_letters(5).empty());
      EXPECT_TRUE(alerts.deliveries("mail", 5).empty());
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (std::int64_t i = 0; i < 150; ++i) {
    fixture.append(
        {StoreFixture::reading("web-1", kNow + 2 * i + 1), StoreFixture::reading("web-1", kNow + 2 * i + 2)});
    if (i % 50 == 20) fixture.maintain(kNow + i);
  }
  is_over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(alarms_of(fixture).size(), 300U);
}

}  // namespace
}  // namespace hostwatch::storage::alarm_transaction_test
