// Whatever two texts of /proc/stat the agent meets, it makes a reading, and says why in one line where a
// number of it is not what it usually is.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/collector_set.h"
#include "agent/collectors/cpu.h"
#include "agent/sampling/sampler.h"
#include "protocol/catalogue.h"
#include "tests/support/log_capture.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

using namespace std::chrono_literals;

/// Texts that look like /proc/stat, and texts that hardly do; the same for the same seed.
class StatTexts {
 public:
  explicit StatTexts(unsigned seed) : generator_(seed) {}

  std::string first() {
    const std::size_t cores = up_to(3);
    lines_.assign(cores + 1, std::vector<std::uint64_t>(4 + up_to(6)));
    for (auto& line : lines_) {
      for (auto& column : line) column = one_in(4) ? 0 : number();
    }
    return text();
  }

  /// The columns grow, fall, stand still; lines come and go.
  std::string next() {
    for (auto& line : lines_) {
      for (auto& column : line) change(column);
    }
    if (lines_.size() > 1 && one_in(8)) lines_.pop_back();
    if (one_in(8)) lines_.emplace_back(4 + up_to(6), number());
    return one_in(3) ? damaged(text()) : text();
  }

 private:
  std::size_t up_to(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(generator_);
  }
  bool one_in(std::size_t times) { return up_to(times - 1) == 0; }

  std::uint64_t number() {
    const std::uint64_t any = generator_();
    return any >> up_to(63);
  }

  void change(std::uint64_t& column) {
    switch (up_to(5)) {
      case 0:
        break;
      case 1:
        column -= std::min<std::uint64_t>(column, up_to(400));
        break;
      case 2:
        column = number();
        break;
      default:
        column += up_to(200);
    }
  }

  std::string text() {
    std::string all;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      all += i == 0 ? "cpu " : "cpu" + std::to_string(i - 1);
      for (const std::uint64_t column : lines_[i]) all += " " + std::to_string(column);
      all += '\n';
    }
    return all + "intr 5 0\nctxt 77\nprocesses 9\nprocs_running 1\n";
  }

  std::string damaged(std::string all) {
    switch (up_to(5)) {
      case 0:
        return all.substr(0, up_to(all.size()));
      case 1:
        return "";
      case 2:
        all.erase(0, all.find('\n') + 1);
        return all;
      case 3:
        std::shuffle(all.begin(), all.end(), generator_);
        return all;
      default:
        for (std::size_t i = 0; i < 3; ++i) {
          static constexpr std::string_view kOdd = "-x \n\0\xFF.9";
          all[up_to(all.size() - 1)] = kOdd[up_to(kOdd.size() - 1)];
        }
        return all;
    }
  }

  std::mt19937_64 generator_;
  std::vector<std::vector<std::uint64_t>> lines_;
};

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// All of what is in a reading lies where the catalogue says.
void expect_valid(const protocol::Reading& reading) {
  EXPECT_GE(reading.cpu, 0);
  EXPECT_LE(reading.cpu, 100);
  double states = 0;
  bool has_states = false;
  for (const protocol::Sample& sample : reading.samples) {
    const protocol::MetricDefinition* const metric = protocol::find_metric(sample.metric);
    ASSERT_NE(metric, nullptr) << sample.metric;
    EXPECT_GE(sample.value, metric->minimum) << sample.metric;
    EXPECT_LE(sample.value, metric->maximum) << sample.metric;
    if (sample.metric != "cpu_state_percent") continue;
    has_states = true;
    states += sample.value;
  }
  if (has_states) {
    EXPECT_NEAR(states, 100, 1);
  }
}

TEST(StatPairs, WhateverTwoTextsTheUseLiesBetween0And100) {
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    StatTexts texts(seed);
    const std::string before = texts.first();
    const std::string after = texts.next();
    // Of half of them the clock says that a second went by.
    const std::uint64_t most_ticks = seed % 2 == 0 ? kAnyTicks : most_ticks_in(1, 100);
    const CpuUse use = cpu_use(parse_cpu_stat(before), parse_cpu_stat(after), most_ticks);
    ASSERT_EQ(use.shares.has_value(), use.fallback != CpuFallback::no_time) << before << "---\n" << after;
    if (!use.shares) continue;
    double all = 0;
    for (const double percent : use.shares->percent) {
      ASSERT_GE(percent, 0) << before << "---\n" << after;
      all += percent;
    }
    ASSERT_NEAR(all, 100, 1e-9) << before << "---\n" << after;
    ASSERT_GE(use.shares->busy, 0) << before << "---\n" << after;
    ASSERT_LE(use.shares->busy, 100) << before << "---\n" << after;
    for (const CoreUse& core : use.cores) {
      ASSERT_GE(core.busy, 0) << before << "---\n" << after;
      ASSERT_LE(core.busy, 100) << before << "---\n" << after;
    }
  }
}

TEST(StatPairs, WhateverTwoTextsThereIsAReadingOrOneLineThatSaysWhy) {
  TempTree tree;
  tree.write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 60 kB\n");
  for (unsigned seed = 0; seed < 300; ++seed) {
    StatTexts texts(seed);
    const std::string before = texts.first();
    const std::string after = texts.next();
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + before + "---\n" + after);
    std::vector<NamedCollector> collectors;
    collectors.push_back({"cpu", std::make_unique<CpuCollector>(tree.roots())});
    CollectorSet set(std::move(collectors));
    Sampler sampler("web-1", 1s,
                    {[&set](auto now) {
                       Collected collected = set.collect(now);
                       collected.ram = 40;
                       collected.disk = 50;
                       return collected;
                     },
                     [](const auto&) { return protocol::HostFacts{}; }, [] { return std::int64_t{1}; }});
    tree.write("proc/stat", before);
    sampler.warm_up(at(0));
    tree.write("proc/stat", after);
    const hostwatch::test::LogCapture log;
    const auto reading = sampler.sample(at(1));
    ASSERT_TRUE(reading) << "what else is known is sent";
    expect_valid(*reading);
    // What a collector could not read, and what stands for it, is a line each.
    EXPECT_LE(lines_of(log.text()), 2U) << log.text();
    const auto use = cpu_use(parse_cpu_stat(before), parse_cpu_stat(after));
    if (use.fallback != CpuFallback::none) {
      EXPECT_GE(lines_of(log.text()), 1U);
    }
    if (HasFailure()) break;
  }
}

TEST(StatPairs, WhatIsSaidIsNotSaidAgainAtTheNextTick) {
  TempTree tree;
  const hostwatch::test::LogCapture log;
  CpuCollector collector(tree.roots());
  StatTexts texts(1);
  std::string all = texts.first();
  for (int second = 0; second < 60; ++second) {
    tree.write("proc/stat", all);
    try {
      tick(collector, at(second));
    } catch (const CollectorError&) {  // logged by who called
    }
    all = texts.next();
  }
  // One for each reason there is.
  EXPECT_LE(lines_of(log.text()), 7U) << log.text();
}

}  // namespace
}  // namespace hostwatch::agent::test
