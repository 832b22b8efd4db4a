// Readings out of a database as CSV, and into another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <sstream>

#include "server/storage/sqlite/admin/reading_export.h"
#include "server/storage/transfer/reading_csv.h"
#include "server/storage/transfer/reading_import.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::transfer_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kNow = StoreFixture::kNow;

std::vector<std::vector<std::string>> records(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<std::vector<std::string>> all;
  for (std::vector<std::string> fields; reader.next(fields);) all.push_back(fields);
  return all;
}

TEST(Csv, TextsComeBackWhateverIsInThem) {
  for (const std::string text :
       {"", "plain", "a,b", "say \"no\"", "two\nlines", "\r\n", "\"", "müller, \"x\""}) {
    std::string line;
    append_csv_value(line, text, -5, "metric", text, 0.1);
    EXPECT_THAT(records(line), ElementsAre(ElementsAre(text, "-5", "metric", text, "0.1")));
  }
}

TEST(Csv, NumbersComeBackBitForBit) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10000; ++i) {
    const double number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    std::string line;
    append_csv_value(line, "h", 1, "m", "", number);
    CsvValue value;
    EXPECT_EQ(parse_csv_value(records(line).front(), value), std::nullopt);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(value.value), std::bit_cast<std::uint64_t>(number));
  }
}

TEST(Csv, LinesOfOtherProgramsAreReadToo) {
  EXPECT_THAT(records("a,b\r\n\"c\",\r\nlast"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("c", ""), ElementsAre("last")));
  EXPECT_TRUE(records("").empty());
}

TEST(Csv, NoInputEndsItInAnythingButRecords) {
  std::mt19937 random(9);
  const std::string letters = "a1,\"\n\r";
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (auto k = random() % 60; k > 0; --k) text += letters[random() % letters.size()];
    CsvValue value;
    for (const auto& fields : records(text)) parse_csv_value(fields, value);
  }
  const std::string endless = "\"" + std::string(200'000, 'x') + "\nh,1,cpu,,5\n";
  EXPECT_EQ(records(endless).back().size(), 5U) << "an open quote does not swallow the rest";
}

TEST(Csv, WhatIsWrongIsNamed) {
  CsvValue value;
  EXPECT_THAT(*parse_csv_value({"h", "1", "cpu", ""}, value), HasSubstr("4 fields"));
  EXPECT_THAT(*parse_csv_value({"h", "1.5", "cpu", "", "1"}, value), HasSubstr("timestamp"));
  EXPECT_THAT(*parse_csv_value({"h", "1", "cpu", "", "nan"}, value), HasSubstr("value"));
  EXPECT_THAT(*parse_csv_value({"h", "1", "cpu", "", "1x"}, value), HasSubstr("value"));
}

class TransferTest : public ::testing::Test {
 protected:
  /// Readings in chunks, in the tail and in the journal; some series have gaps.
  void fill(StoreFixture& fixture) {
    fixture.options.compact_after_readings = 300;
    fixture.options.most_uncompacted = 0;
    fixture.reopen();
    std::mt19937 random(5);
    for (const int part : {0, 1, 2}) {
      for (const std::string host : {"web-1", "db, \"main\"", "müller"}) {
        std::vector<protocol::Reading> readings;
        for (int i = 0; i < (part == 0 ? 400 : 50); ++i) {
          auto reading = StoreFixture::reading(host, kNow + part * 100'000 + i * 37,
                                               static_cast<double>(random() % 1000) / 10);
          if (random() % 3 != 0)
            reading.samples.push_back({"queue", "a,\"b\"", static_cast<double>(random()) / 7});
          readings.push_back(reading);
        }
        fixture.append(readings, kNow + 300'000);
      }
      if (part < 2) fixture.maintain(kNow + 300'000);
    }
  }
  static std::string exported(const StoreFixture& fixture, const ExportRequest& request = {}) {
    std::string text;
    sqlite::export_readings(fixture.path(), request, [&](std::string_view piece) { text += piece; });
    return text;
  }
  static ImportReport import(StoreFixture& fixture, const std::string& text) {
    std::istringstream in(text);
    return import_readings(in, fixture.store(), kNow + 300'000);
  }
};

TEST_F(TransferTest, WhatWasExportedAndImportedIsExportedAsTheSameBytes) {
  StoreFixture from;
  StoreFixture to;
  fill(from);
  const std::string text = exported(from);  // the store is open: a server may be running
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n') > 4500, true);
  const ImportReport report = import(to, text);
  EXPECT_EQ(report.accepted, 1500U);
  EXPECT_EQ(report.refused, 0U) << (report.problems.empty() ? "" : report.problems.front());
  EXPECT_EQ(exported(to), text);
  EXPECT_EQ(import(to, text).duplicates, 1500U);
}

TEST_F(TransferTest, HostsAndTimesCanBeChosen) {
  StoreFixture fixture;
  fill(fixture);
  const std::string one = exported(fixture, {
                                                {"web-1"},
                                                kNow + 37,
                                                kNow + 37,
                                            });
  EXPECT_THAT(one, HasSubstr("web-1," + std::to_string(kNow + 37) + ",cpu,,"));
  EXPECT_LE(std::count(one.begin(), one.end(), '\n'), 5);
  EXPECT_THROW(exported(fixture, {{"nobody"}, 0, INT64_MAX}), StoreError);
}

TEST_F(TransferTest, WhatCannotBeTakenIsNamedWithItsLineAndTheRestIsStored) {
  StoreFixture fixture;
  const std::string time = std::to_string(kNow);
  const ImportReport report = import(
      fixture, "hostname,timestamp,metric,instance,value\nweb-1," + time + ",cpu,,10\nweb-1," + time +
                   ",ram,,20\nweb-1," + time + ",disk,,30\nnonsense\nweb-2," + time + ",cpu,,10\nweb-3," +
                   time + ",cpu,,110\nweb-3," + time + ",ram,,1\nweb-3," + time + ",disk,,1\n");
  EXPECT_EQ(report.accepted, 1U);
  EXPECT_EQ(report.refused, 3U);
  EXPECT_THAT(report.problems,
              ::testing::UnorderedElementsAre(HasSubstr("line 5: it has 1 fields"),
                                              HasSubstr("line 6: the reading has not all"),
                                              HasSubstr("line 7: cpu must be from 0 to 100")));
  EXPECT_EQ(fixture.cpu_of("web-1").size(), 1U);
}

TEST_F(TransferTest, AnotherKindOfFileIsRefusedInOneLine) {
  StoreFixture fixture;
  for (const std::string header :
       {"hostname,timestamp,cpu,ram,disk", "time,web-1 cpu", "hostname;timestamp;metric;instance;value"}) {
    const ImportReport report = import(fixture, header + "\nweb-1,2025-11-23T08:00:00Z,1,2,3\nx\n");
    EXPECT_EQ(report.refused, 1U);
    EXPECT_THAT(
        report.problems,
        ::testing::ElementsAre(HasSubstr("the header is not hostname,timestamp,metric,instance,value")));
  }
}

TEST(CsvReader, PassesOverAByteOrderMarkBeforeTheFirstField) {
  for (const char* text : {"\xEF\xBB\xBFhostname,x\r\n\"\xEF\xBB\xBFy\",z\r\n",
                           "\xEF\xBB\xBF\"hostname\",x\n\xEF\xBB\xBFy,z\n"}) {
    std::istringstream in(text);
    CsvReader reader(in);
    std::vector<std::string> fields;
    ASSERT_TRUE(reader.next(fields));
    EXPECT_EQ(fields, (std::vector<std::string>{"hostname", "x"})) << text;
    ASSERT_TRUE(reader.next(fields));
    EXPECT_EQ(fields, (std::vector<std::string>{"\xEF\xBB\xBFy", "z"})) << "elsewhere it is a character";
  }
}

}  // namespace
}  // namespace hostwatch::storage::transfer_test
