#include "server/alerts/rules/rule_units.h"

#include <gmock/gmock.h>

namespace hostwatch::alerts {
namespace {

using protocol::Unit;
using testing::HasSubstr;

double quantity(std::string_view text, std::optional<Unit> unit) {
  const auto read = parse_quantity(text, unit);
  if (const auto* wrong = std::get_if<std::string>(&read)) ADD_FAILURE() << *wrong;
  return std::holds_alternative<double>(read) ? std::get<double>(read) : -1;
}

std::string no_quantity(std::string_view text, std::optional<Unit> unit) {
  const auto read = parse_quantity(text, unit);
  const auto* wrong = std::get_if<std::string>(&read);
  if (wrong == nullptr) ADD_FAILURE() << text << " was taken";
  return wrong == nullptr ? "" : *wrong;
}

TEST(Durations, AreReadWithOneUnitOrAsSeconds) {
  EXPECT_EQ(parse_duration("90s"), 90);
  EXPECT_EQ(parse_duration("5m"), 300);
  EXPECT_EQ(parse_duration("12h"), 43200);
  EXPECT_EQ(parse_duration("1d"), 86400);
  EXPECT_EQ(parse_duration("4w"), 2419200);
  EXPECT_EQ(parse_duration("0"), 0);
  EXPECT_EQ(parse_duration("120"), 120);
}

TEST(Durations, ThatAreNoneAreRefused) {
  for (const std::string_view text : {"", "m", "5 m", "5min", "-5m", "1.5h", "5M", "1h30m", "5m ", "3651d",
                                      "99999999999999999999s", "9223372036854775807w"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Durations, AreWrittenAsShortAsTheyCanBeReadBack) {
  for (const auto& [seconds, text] : {std::pair{0, "0s"},
                                      {90, "90s"},
                                      {300, "5m"},
                                      {3600, "1h"},
                                      {5400, "90m"},
                                      {86400, "1d"},
                                      {604800, "7d"}}) {
    EXPECT_EQ(format_duration(seconds), text);
    EXPECT_EQ(parse_duration(text), seconds);
  }
}

TEST(Sizes, AreReadWithDecimalAndBinaryUnits) {
  EXPECT_EQ(parse_size("20GiB"), 20.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(parse_size("500MB"), 5e8);
  EXPECT_EQ(parse_size("1.5TB"), 1.5e12);
  EXPECT_EQ(parse_size("1 kB"), 1000);
  EXPECT_EQ(parse_size("512"), 512);
  for (const std::string_view text : {"", "GiB", "20gib", "20G", "-1GB", "20GiB/s", "0x10"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Sizes, AreWrittenExactlyOrNotAtAll) {
  for (const std::string_view text : {"20GiB", "500MB", "1KiB", "5GB", "513B", "0B"}) {
    EXPECT_EQ(format_size(*parse_size(text)), text);
  }
  EXPECT_EQ(format_size(0.5), std::nullopt);
  EXPECT_EQ(format_size(-1), std::nullopt);
  EXPECT_EQ(format_size(1e300), std::nullopt);
}

TEST(Quantities, AreReadInTheUnitOfWhatTheyAreComparedWith) {
  EXPECT_EQ(quantity("90%", Unit::percent), 90);
  EXPECT_EQ(quantity("20GiB", Unit::bytes), 21474836480.0);
  EXPECT_EQ(quantity("20MB/s", Unit::bytes_per_second), 2e7);
  EXPECT_EQ(quantity("5m", Unit::seconds), 300);
  EXPECT_EQ(quantity("250ms", Unit::seconds), 0.25);
  EXPECT_EQ(quantity("5/s", Unit::per_second), 5);
  EXPECT_EQ(quantity("17", Unit::count), 17);
  EXPECT_EQ(quantity("-2.5", std::nullopt), -2.5) << "a metric of one's own may be anything";
}

TEST(Quantities, OfAWrongUnitAreRefusedAndSayWhatIsRight) {
  EXPECT_THAT(no_quantity("5m", Unit::bytes), HasSubstr(R"('5m' is not bytes, such as "500MB" or "20GiB")"));
  EXPECT_THAT(no_quantity("20GiB", Unit::percent), HasSubstr("is not a percentage"));
  EXPECT_THAT(no_quantity("20GiB", Unit::bytes_per_second), HasSubstr("bytes per second"));
  EXPECT_THAT(no_quantity("90%", Unit::count), HasSubstr("a number without a unit"));
  EXPECT_THAT(no_quantity("5s", std::nullopt), HasSubstr("a number without a unit"));
  EXPECT_THAT(no_quantity("many", Unit::count), HasSubstr("'many'"));
}

TEST(Values, AreShownToPeopleWithTheirUnit) {
  EXPECT_EQ(shown_quantity(97.4, Unit::percent), "97.4 %");
  EXPECT_EQ(shown_quantity(90, Unit::percent), "90 %");
  EXPECT_EQ(shown_quantity(19.64e9, Unit::bytes), "18.3 GiB");
  EXPECT_EQ(shown_quantity(0, Unit::bytes), "0 B");
  EXPECT_EQ(shown_quantity(3.42e6, Unit::bytes_per_second), "3.4 MB/s");
  EXPECT_EQ(shown_quantity(7500, Unit::seconds), "2 h 5 min");
  EXPECT_EQ(shown_quantity(86400, Unit::seconds), "1 d");
  EXPECT_EQ(shown_quantity(86401, Unit::seconds), "1 d") << "seconds matter to nobody then";
  EXPECT_EQ(shown_quantity(6.25, Unit::seconds), "6.2 s");
  EXPECT_EQ(shown_quantity(1e18, Unit::seconds), "more than ten years");
  EXPECT_EQ(shown_quantity(3, Unit::count), "3");
  EXPECT_EQ(shown_quantity(-0.0001, std::nullopt), "0");
  EXPECT_EQ(shown_quantity(1e300, std::nullopt), "1e+300");
}

}  // namespace
}  // namespace hostwatch::alerts
