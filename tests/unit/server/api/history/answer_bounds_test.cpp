// No answer is longer, has more cells or takes more time than it may, whatever its format.
#include <gmock/gmock.h>

#include <functional>
#include <numeric>
#include <optional>
#include <string_view>

#include "server/api/answer_text.h"
#include "server/api/history/data_format.h"
#include "server/api/history/fleet_format.h"
#include "server/api/hosts/host_json.h"
#include "server/api/prometheus_text.h"
#include "tests/unit/server/api/answer_fixture.h"
#include "util/gzip.h"

namespace hostwatch::api {
namespace {

using query::AnswerBudget;
using query::AnswerUnwanted;
using query::HistoryLimits;
using query::HistoryTooLarge;
using test::each_of;
using test::text_of;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// `hosts` of `rows` each, with `series` of their own.
query::History history(int hosts, int rows, int series) {
  query::History result;
  for (int host = 0; host < hosts; ++host) {
    const std::string name = "host-" + std::to_string(host);
    query::HostHistory& one = result.hosts.emplace_back();
    one.hostname = name;
    one.timestamps.resize(static_cast<std::size_t>(rows));
    std::iota(one.timestamps.begin(), one.timestamps.end(), 1763884800);
    for (int i = 0; i < series; ++i) {
      const std::string instance = std::string(name).append("-").append(std::to_string(i));
      one.series.push_back(
          {"own", instance, std::vector<double>(static_cast<std::size_t>(rows), 0.125), {}, {}});
    }
  }
  return result;
}

std::vector<storage::HostState> states(int hosts) {
  std::vector<storage::HostState> result;
  for (int i = 0; i < hosts; ++i) {
    storage::HostState& state = result.emplace_back();
    state.name = "host-" + std::to_string(i);
    state.last_heard = 1000;
    state.latest = protocol::Reading{state.name, 990, 12.5, 41, 73.2, {}, std::nullopt};
  }
  return result;
}

struct Format {
  const char* name;
  std::function<void(AnswerText&)> write;  ///< more than a megabyte
};

std::vector<Format> formats() {
  static const query::History long_history = history(10, 2000, 10);
  static const query::HistoryRequest request;
  static const std::vector<storage::HostState> hosts = states(10000);
  static const query::Fleet fleet = [] {
    query::Fleet result;
    for (int i = 0; i < 30000; ++i) result.buckets.push_back({1763884800 + i, 1, 0.125, 0.125, 0.125, 0.125});
    return result;
  }();
  return {{"rows", [](AnswerText& text) { format_rows(long_history, request, text); }},
          {"columns", [](AnswerText& text) { format_columns(long_history, request, text); }},
          {"csv", [](AnswerText& text) { format_csv(long_history, text); }},
          {"long csv",
           [](AnswerText& text) {
             begin_long_csv(text);
             for (const query::HostHistory& host : long_history.hosts) append_long_csv(host, text);
           }},
          {"fleet", [](AnswerText& text) { format_fleet(fleet, {}, text); }},
          {"hosts", [](AnswerText& text) { format_hosts(each_of(hosts), {}, 1010, {}, text); }},
          {"exposition", [](AnswerText& text) {
             ServerFigures figures;
             figures.now = 1010;
             test::write_exposition(test::values_of(hosts), figures, text);
           }}};
}

TEST(AnswerBounds, NoFormatIsLongerThanItMayBe) {
  for (const Format& format : formats()) {
    if (std::string_view(format.name) == "exposition") continue;  // written while it is sent
    ASSERT_GT(text_of(format.write).size(), 1024UL * 1024) << format.name;
    HistoryLimits limits;
    limits.max_text = 1024UL * 1024;
    EXPECT_THAT(
        [&] { text_of(format.write, limits); },
        ThrowsMessage<HistoryTooLarge>(AllOf(HasSubstr("longer than 1 MiB"), HasSubstr("ask for fewer"))))
        << format.name;
  }
}

TEST(AnswerBounds, TheTimeGoesOnWhileAnAnswerIsWritten) {
  HistoryLimits limits;
  limits.max_time = std::chrono::milliseconds(-1);
  for (const Format& format : formats()) {
    EXPECT_THAT([&] { text_of(format.write, limits); },
                ThrowsMessage<HistoryTooLarge>(HasSubstr("takes too long")))
        << format.name;
  }
}

TEST(AnswerBounds, WritingEndsWhenTheClientHasGone) {
  for (const Format& format : formats()) {
    AnswerBudget budget({}, [] { return false; });
    AnswerText text(budget, true);
    EXPECT_THROW(format.write(text), AnswerUnwanted) << format.name;
  }
}

TEST(AnswerBounds, TheSystemIsNotAskedForTheClientAllTheTime) {
  int asked = 0;
  AnswerBudget budget({}, [&] {
    ++asked;
    return true;
  });
  for (int i = 0; i < 1000; ++i) budget.check();
  EXPECT_LT(asked, 1000);
  EXPECT_GE(asked, 1);
}

/// Ten hosts of ten series of their own are a hundred columns, and each row has all of them.
TEST(AnswerBounds, CellsOfCsvAreCountedBeforeTheyAreWritten) {
  const query::History many = history(10, 3, 10);
  HistoryLimits limits;
  limits.max_values = 3000;
  EXPECT_NO_THROW(text_of([&](AnswerText& text) { format_csv(many, text); }, limits));
  limits.max_values = 2999;
  AnswerBudget budget(limits);
  AnswerText text(budget, false);
  EXPECT_THAT(
      [&] { format_csv(many, text); },
      ThrowsMessage<HistoryTooLarge>(AllOf(HasSubstr("30 rows of 100 columns"), HasSubstr("layout=long"))));
  EXPECT_TRUE(text.out().empty());
}

TEST(AnswerBounds, WhatTheExpositionGathersIsCounted) {
  HistoryLimits limits;
  limits.max_gathered = 1024UL * 1024;
  const auto hosts = states(10000);
  ServerFigures figures;
  figures.now = 1010;
  EXPECT_THAT(
      [&] {
        text_of([&](AnswerText& text) { test::write_exposition(test::values_of(hosts), figures, text); },
                limits);
      },
      ThrowsMessage<HistoryTooLarge>(HasSubstr("more than 1 MiB to gather")));
}

/// One metric's values come in several goes: what is said about it stands once, and all lines behind it.
TEST(AnswerBounds, AMetricOfManyHostsIsStillOneFamily) {
  const auto hosts = states(10000);
  ServerFigures figures;
  figures.now = 1010;
  const std::string text =
      text_of([&](AnswerText& answer) { test::write_exposition(test::values_of(hosts), figures, answer); });
  const std::string type = "# TYPE hostwatch_cpu_percent gauge\n";
  const std::size_t at = text.find(type);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(text.find(type, at + 1), std::string::npos);
  std::size_t next = at + type.size();
  for (const storage::HostState& host : hosts) {
    const std::string line = "hostwatch_cpu_percent{hostname=\"" + host.name + "\"} 12.5\n";
    ASSERT_EQ(text.compare(next, line.size(), line), 0) << host.name;
    next += line.size();
  }
}

TEST(AnswerBounds, WhatIsCompressedAsItGrowsInflatesToTheSame) {
  for (const Format& format : formats()) {
    AnswerBudget budget({});
    AnswerText text(budget, true);
    format.write(text);
    http::Response response;
    text.finish(response);
    EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Content-Encoding", "gzip")))
        << format.name;
    EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Vary", "Accept-Encoding"))) << format.name;
    util::InflateError error{};
    const auto whole = util::inflate_gzip(response.body, 64UL * 1024 * 1024, error);
    ASSERT_TRUE(whole) << format.name;
    EXPECT_TRUE(*whole == text_of(format.write)) << format.name;
  }
}

TEST(AnswerBounds, WhatFitsIntoAPacketIsNotCompressed) {
  AnswerBudget budget({});
  AnswerText text(budget, true);
  text.out() += "{}";
  http::Response response;
  text.finish(response);
  EXPECT_EQ(response.body, "{}");
  EXPECT_TRUE(response.headers.empty());
}

}  // namespace
}  // namespace hostwatch::api
