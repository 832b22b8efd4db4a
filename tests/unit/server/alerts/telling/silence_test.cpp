#include "server/alerts/telling/silence.h"

#include <gtest/gtest.h>

#include "server/alerts/telling/definition_fields.h"
#include "tests/unit/server/alerts/telling/zone.h"

namespace hostwatch::alerts {
namespace {

std::string error_of_window(std::string_view text) {
  try {
    weekly_window_from_text(text, "weekly[0]");
  } catch (const TellingError& error) {
    return error.what();
  }
  return "none";
}

WeeklyPhase phase(std::initializer_list<std::string_view> windows, std::int64_t now) {
  std::vector<WeeklyWindow> list;
  for (const auto text : windows) list.push_back(weekly_window_from_text(text, "weekly"));
  return weekly_phase(list, now);
}

std::string error_of_silence(std::string_view text) {
  try {
    silence_from_json(text, 1000);
  } catch (const TellingError& error) {
    return error.what();
  }
  return "none";
}

TEST(WeeklyWindow, HoldsOnItsDaysBetweenItsTimes) {
  const Zone zone("UTC");
  // 28 November 2026 is a Saturday.
  EXPECT_FALSE(phase({"sat 02:00-04:00"}, utc(2026, 11, 28, 1, 59, 59)).inside);
  EXPECT_EQ(phase({"sat 02:00-04:00"}, utc(2026, 11, 28, 1, 59, 59)).changes, utc(2026, 11, 28, 2, 0));
  EXPECT_TRUE(phase({"sat 02:00-04:00"}, utc(2026, 11, 28, 2, 0)).inside);
  EXPECT_EQ(phase({"sat 02:00-04:00"}, utc(2026, 11, 28, 2, 0, 7)).changes, utc(2026, 11, 28, 4, 0));
  EXPECT_FALSE(phase({"sat 02:00-04:00"}, utc(2026, 11, 28, 4, 0)).inside);
  EXPECT_EQ(phase({"sat 02:00-04:00"}, utc(2026, 11, 28, 4, 0)).changes, utc(2026, 12, 5, 2, 0));
  EXPECT_FALSE(phase({"sat 02:00-04:00"}, utc(2026, 11, 29, 3, 0)).inside);
}

TEST(WeeklyWindow, GoesAcrossMidnightFromTheDayOnWhichItBegins) {
  const Zone zone("UTC");
  const auto evening = phase({"daily 22:00-07:00"}, utc(2026, 11, 28, 23, 30));
  EXPECT_TRUE(evening.inside);
  EXPECT_EQ(evening.changes, utc(2026, 11, 29, 7, 0));
  EXPECT_TRUE(phase({"daily 22:00-07:00"}, utc(2026, 11, 29, 0, 0)).inside);
  EXPECT_FALSE(phase({"daily 22:00-07:00"}, utc(2026, 11, 29, 7, 0)).inside);
  EXPECT_TRUE(phase({"sat 22:00-07:00"}, utc(2026, 11, 29, 6, 59)).inside);
  EXPECT_FALSE(phase({"sat 22:00-07:00"}, utc(2026, 11, 28, 6, 59)).inside);
  EXPECT_TRUE(phase({"sun 22:00-07:00"}, utc(2026, 11, 30, 1, 0)).inside);
}

TEST(WeeklyWindow, KnowsRangesAndListsOfDaysAndWholeDays) {
  const Zone zone("UTC");
  EXPECT_TRUE(phase({"fri-mon 10:00-11:00"}, utc(2026, 11, 29, 10, 30)).inside);
  EXPECT_FALSE(phase({"fri-mon 10:00-11:00"}, utc(2026, 12, 1, 10, 30)).inside);
  EXPECT_TRUE(phase({"tue,sun 10:00-11:00"}, utc(2026, 12, 1, 10, 30)).inside);
  const auto weekend = phase({"sat,sun 00:00-24:00"}, utc(2026, 11, 28, 12, 0));
  EXPECT_TRUE(weekend.inside);
  EXPECT_EQ(weekend.changes, utc(2026, 11, 30, 0, 0));
}

TEST(WeeklyWindow, ThatTouchesAnotherEndsWithThat) {
  const Zone zone("UTC");
  EXPECT_EQ(phase({"sat 22:00-24:00", "sun 00:00-03:17"}, utc(2026, 11, 28, 22, 5)).changes,
            utc(2026, 11, 29, 3, 17));
}

TEST(WeeklyWindow, LosesAnHourWhenTheClockIsSetAhead) {
  const Zone zone("Europe/Berlin");
  // On 29 March 2026 the clock goes from 02:00 to 03:00, at 01:00 UTC.
  EXPECT_EQ(phase({"daily 22:00-07:00"}, utc(2026, 3, 28, 22, 0)).changes, utc(2026, 3, 29, 5, 0));
  EXPECT_EQ(phase({"sun 01:30-02:30"}, utc(2026, 3, 29, 0, 40)).changes, utc(2026, 3, 29, 1, 0));
  EXPECT_FALSE(phase({"sun 02:10-02:50"}, utc(2026, 3, 29, 0, 59)).inside);
  EXPECT_FALSE(phase({"sun 02:10-02:50"}, utc(2026, 3, 29, 1, 0)).inside);
}

TEST(WeeklyWindow, GainsAnHourWhenTheClockIsSetBack) {
  const Zone zone("Europe/Berlin");
  // On 25 October 2026 the clock goes from 03:00 to 02:00, at 01:00 UTC.
  EXPECT_EQ(phase({"daily 22:00-07:00"}, utc(2026, 10, 24, 21, 0)).changes, utc(2026, 10, 25, 6, 0));
  EXPECT_EQ(phase({"sun 01:00-03:00"}, utc(2026, 10, 25, 0, 30)).changes, utc(2026, 10, 25, 2, 0));
  // What stands on the clock twice holds twice.
  EXPECT_TRUE(phase({"sun 02:10-02:20"}, utc(2026, 10, 25, 0, 15)).inside);
  EXPECT_FALSE(phase({"sun 02:10-02:20"}, utc(2026, 10, 25, 0, 30)).inside);
  EXPECT_TRUE(phase({"sun 02:10-02:20"}, utc(2026, 10, 25, 1, 15)).inside);
}

TEST(WeeklyWindow, NamesWhatIsWrong) {
  for (const auto text : {"", "sat", "sat 2:00-4:00", "sat 02:00", "sab 02:00-04:00", "sat 02:00-24:01",
                          "sat 24:00-02:00", "sat, 02:00-04:00", "sat 02:60-04:00", "sat-x 02:00-04:00"}) {
    EXPECT_EQ(error_of_window(text).rfind("weekly[0]: must be as", 0), 0U) << text;
  }
  EXPECT_EQ(error_of_window("sat 02:00-02:00"),
            "weekly[0]: begins when it ends (a whole day is 00:00-24:00)");
}

TEST(Silence, MustHaveAReasonAndAnEnd) {
  EXPECT_EQ(error_of_silence(R"({"until": 2000})"), "reason: is obligatory");
  EXPECT_EQ(error_of_silence(R"({"until": 2000, "reason": "  "})"), "reason: is obligatory");
  EXPECT_EQ(error_of_silence(R"({"reason": "x"})"), "until: is obligatory: a silence must have an end");
  EXPECT_EQ(error_of_silence(R"({"reason": "x", "until": 1000, "from": 900})"),
            "until: must be in the future");
  EXPECT_EQ(error_of_silence(R"({"reason": "x", "until": 2000, "from": 2000})"),
            "until: must be after \"from\"");
  EXPECT_EQ(error_of_silence(R"({"reason": "x", "until": 2000, "id": 3})"), "id: there is no such field");
  EXPECT_EQ(error_of_silence(R"({"reason": "x", "until": 1763884803000000})"), "until: must be Unix seconds");
  EXPECT_EQ(error_of_silence(R"({"reason": "x", "until": 2000, "weekly": ["x"]})").rfind("weekly[0]: ", 0),
            0U);
  EXPECT_EQ(error_of_silence(R"({"reason": "x", "until": 2000})"), "none");
}

TEST(Silence, IsWrittenAsItIsRead) {
  Silence silence = silence_from_json(
      R"({"rules": ["a"], "hosts": ["b"], "tags": {"role": ["db"]}, "instances": ["/"], "from": 1500, "until": 2000,
          "weekly": ["sat 02:00-04:00"], "reason": "moving"})",
      1000);
  silence.id = 3;
  silence.author = "anna";
  const Silence read = silence_from_row(to_row(silence));
  EXPECT_EQ(to_row(read).definition, to_row(silence).definition);
  EXPECT_EQ(read.id, 3);
  EXPECT_EQ(read.author, "anna");
  EXPECT_EQ(read.created, 1000);
  EXPECT_EQ(read.weekly, silence.weekly);
}

storage::AlarmRow alarm() {
  storage::AlarmRow row;
  row.rule = "disk-full";
  row.host = "web-1";
  row.instance = "/data";
  return row;
}

Silence silence_of(std::int64_t id, std::int64_t from, std::int64_t until) {
  Silence silence;
  silence.id = id;
  silence.from = from;
  silence.until = until;
  silence.reason = "test";
  return silence;
}

TEST(Silence, HoldsForWhatMatchesAllThatItAsksFor) {
  const auto is_silenced = [](auto change) {
    Silence silence = silence_of(1, 0, 100);
    change(silence);
    Silences silences;
    silences.add(silence);
    return silences.is_silenced(alarm(), {{"role", "db"}}, 50).has_value();
  };
  EXPECT_TRUE(is_silenced([](Silence&) {}));
  EXPECT_TRUE(is_silenced([](Silence& one) { one.rules = {"x", "disk-*"}; }));
  EXPECT_FALSE(is_silenced([](Silence& one) { one.rules = {"cpu"}; }));
  EXPECT_TRUE(is_silenced([](Silence& one) { one.hosts = {"web-*"}; }));
  EXPECT_FALSE(is_silenced([](Silence& one) { one.hosts = {"db-*"}; }));
  EXPECT_FALSE(is_silenced([](Silence& one) { one.instances = {"/"}; }));
  EXPECT_TRUE(is_silenced([](Silence& one) { one.tags = {{"role", {"web", "db"}}}; }));
  EXPECT_FALSE(is_silenced([](Silence& one) { one.tags = {{"site", {"east"}}}; }));
}

TEST(Silence, HoldsFromItsBeginningToItsEnd) {
  Silences silences;
  silences.add(silence_of(1, 100, 200));
  EXPECT_FALSE(silences.is_active(1, 99));
  EXPECT_TRUE(silences.is_active(1, 100));
  EXPECT_EQ(silences.is_silenced(alarm(), {}, 199)->until, 200);
  EXPECT_FALSE(silences.is_active(1, 200));
  EXPECT_TRUE(silences.is_active(1, 150)) << "a clock that was set back";
}

TEST(Silence, ThatHoldsLongestIsNamed) {
  Silences silences;
  silences.add(silence_of(1, 0, 200));
  silences.add(silence_of(2, 0, 300));
  silences.add(silence_of(3, 0, 250));
  EXPECT_EQ(silences.is_silenced(alarm(), {}, 100)->silence, 2);
}

TEST(Silence, IsTakenAwayADayAfterItsEnd) {
  Silences silences;
  silences.add(silence_of(1, 0, 200));
  EXPECT_TRUE(silences.remove_over(200 + 86'399).empty());
  EXPECT_EQ(silences.remove_over(200 + 86'400), std::vector<std::int64_t>{1});
  EXPECT_TRUE(silences.list().empty());
}

}  // namespace
}  // namespace hostwatch::alerts
