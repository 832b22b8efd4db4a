// Names of series beside a model, on a disk that fails now and then: no value is ever shown under another
// name.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "server/storage/sqlite/admin/operations.h"
#include "tests/unit/server/storage/sqlite/fault_disk.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::series_names_model_test {
namespace {

constexpr std::int64_t kNow = StoreFixture::kNow;
constexpr std::int64_t kDay = 86400;

/// Readings of a few hosts with names that come and go, while hosts are forgotten and cleaned, time passes,
/// history expires, the disk fails, and the server stops at any point. A name has one value for ever, so that
/// a value under another name shows.
class NamesModel {
 public:
  explicit NamesModel(unsigned seed) : random_(seed) {
    fixture_.options.names = {24, 6};
    fixture_.options.retention = {2 * kDay, 4 * kDay, 8 * kDay};
    fixture_.options.compact_after_readings = 4;
    fixture_.options.file_after_readings = 8;
    fixture_.options.file_at_once = 3;
    fixture_.reopen();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      if (i % 10 == 0) check();
    }
    check();
    EXPECT_TRUE(sqlite::check_database(fixture_.path()).problems.empty());
  }
  std::uint32_t greatest_number() const { return greatest_; }

 private:
  using Values = std::map<std::string, double>;  ///< by instance

  int choose(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  static double value_of(int name) { return 1000.5 + name; }

  void step() {
    const std::string host = "host-" + std::to_string(choose(4));
    const int what = choose(100);
    if (what < 55) {
      post(host);
    } else if (what < 80) {
      maintain_on_a_bad_disk();
    } else if (what < 86) {
      fixture_.maintain(now_);
    } else if (what < 90) {
      fixture_.reopen();
    } else if (what < 96) {
      now_ += choose(static_cast<int>(kDay));
    } else if (what < 98) {
      fixture_.store().delete_host(host);
      posted_.erase(host);
    } else {
      fixture_.store().delete_history(host, now_);
      posted_.erase(host);
    }
  }

  /// Some pieces; now and then the disk is full for a moment in the middle of them.
  void maintain_on_a_bad_disk() {
    if (choose(3) == 0) disk_.fail(1 + choose(40), 1, SQLITE_FULL);
    try {
      for (int i = choose(12); i > 0; --i) fixture_.store().maintain(now_);
    } catch (const StoreError&) {
      EXPECT_TRUE(disk_.has_failed());
    }
    disk_.heal();
  }

  void post(const std::string& host) {
    now_ += 10;
    const std::int64_t timestamp = choose(4) == 0 ? now_ - 10 * choose(8000) - 5 : now_;
    std::vector<protocol::Sample> samples;
    // Which names there are drifts with time; some hosts have the same.
    const int first = static_cast<int>((now_ - kNow) / (kDay / 2)) * 3 + choose(2) * 4;
    for (int name = first; name < first + 1 + choose(5); ++name) {
      samples.push_back({"gauge", std::to_string(name), value_of(name)});
    }
    fixture_.append({StoreFixture::reading(host, timestamp, 12.5, samples)}, now_);
    const Values stored = read(host, timestamp, timestamp)[timestamp];
    posted_[host].emplace(timestamp, stored);
  }

  std::map<std::int64_t, Values> read(const std::string& host, std::int64_t from, std::int64_t to) {
    std::map<std::int64_t, Values> found;
    read_readings(fixture_.store(), {host, from, to, true, {}},
                  [&](std::int64_t timestamp, std::span<const StoredValue> values) {
                    for (const StoredValue& value : values) {
                      greatest_ = std::max(greatest_, value.series);
                      const SeriesName name = fixture_.store().series_name(value.series);
                      if (name.metric != "gauge") continue;
                      EXPECT_EQ(value.value, value_of(std::stoi(name.instance)));
                      found[timestamp][name.instance] = value.value;
                    }
                  });
    return found;
  }

  void check() {
    for (const auto& [host, readings] : posted_) {
      const auto found = read(host, 0, INT64_MAX);
      for (const auto& [timestamp, values] : readings) {
        if (timestamp <= now_ - 2 * kDay || values.empty()) continue;
        const auto at = found.find(timestamp);
        ASSERT_NE(at, found.end()) << host << " at " << timestamp;
        EXPECT_EQ(at->second, values) << host << " at " << timestamp;
      }
      check_roll_ups(host);
    }
    for (const HostState& state : fixture_.store().hosts()) {
      if (!state.latest) continue;
      for (const protocol::Sample& sample : state.latest->samples) {
        EXPECT_EQ(sample.value, value_of(std::stoi(sample.instance)));
      }
    }
  }

  void check_roll_ups(const std::string& host) {
    for (const std::int64_t resolution : {kMinute, kHour}) {
      const ReadRequest request{host, 0, INT64_MAX, true, {}, resolution};
      fixture_.store().read(request, [&](const HistoryPart& part) {
        if (part.step == 0) return true;
        for (const auto& [number, column] : part.table.columns) {
          const SeriesName name = fixture_.store().series_name(series_of_roll_up(number));
          if (name.metric != "gauge" || number % 4 < static_cast<std::uint32_t>(RollUpPart::minimum))
            continue;
          for (const double value : column.values) EXPECT_EQ(value, value_of(std::stoi(name.instance)));
        }
        return true;
      });
    }
  }

  std::mt19937 random_;
  FaultDisk disk_;
  StoreFixture fixture_;
  std::int64_t now_ = kNow;
  std::uint32_t greatest_ = 0;
  std::map<std::string, std::map<std::int64_t, Values>> posted_;
};

TEST(SeriesNamesProperty, NoValueIsEverShownUnderAnotherName) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    NamesModel model(seed);
    model.run(1500);
    EXPECT_GT(model.greatest_number(), 24U + 3) << "names were given back, and others taken in their place";
  }
}

}  // namespace
}  // namespace hostwatch::storage::series_names_model_test
