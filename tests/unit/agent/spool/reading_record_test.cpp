#include "agent/spool/reading_record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace hostwatch::agent {
namespace {

protocol::Reading reading_at(std::int64_t timestamp) {
  protocol::Reading reading{"web-1", timestamp, 12.5, 41.2, 73.1, {}, std::nullopt};
  reading.samples = {
      {"load1", "", 0.42}, {"network_receive_bytes_per_second", "eth0", 18345}, {"own", "a b", 0.123456}};
  return reading;
}

/// Writes and reads one reading.
std::optional<protocol::Reading> there_and_back(const protocol::Reading& reading) {
  ReadingRecordWriter writer;
  ReadingRecordReader reader;
  const auto payloads = writer.write(reading);
  reader.learn(payloads.layout);
  return reader.read(payloads.reading);
}

TEST(ReadingRecord, AReadingComesBackAsItWas) {
  protocol::Reading reading = reading_at(1'763'884'800);
  EXPECT_EQ(there_and_back(reading), reading);
  reading.facts.emplace();
  reading.facts->os = "Debian";
  reading.facts->cpu_cores = 8;
  reading.facts->tags = {{"role", "db"}, {"site", "fra"}};
  EXPECT_EQ(there_and_back(reading), reading);
  reading.samples.clear();
  EXPECT_EQ(there_and_back(reading), reading);
  reading.timestamp = -5;
  EXPECT_EQ(there_and_back(reading), reading);
}

TEST(ReadingRecord, AnyNumberComesBackBitForBit) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 10'000; ++i) {
    protocol::Reading reading = reading_at(static_cast<std::int64_t>(random() >> 20U));
    double value = 0;
    const std::uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    reading.samples.push_back({"any", "", value});
    ASSERT_EQ(there_and_back(reading), reading);
  }
}

TEST(ReadingRecord, ValuesThatAreNotFiniteAreLeftOutAsInTheJson) {
  protocol::Reading reading = reading_at(1);
  reading.samples.insert(reading.samples.begin(), {"bad", "", std::numeric_limits<double>::quiet_NaN()});
  EXPECT_EQ(there_and_back(reading), reading_at(1));
}

TEST(ReadingRecord, ALayoutIsWrittenOnceAndNowAndThenAgain) {
  ReadingRecordWriter writer;
  std::size_t layouts = 0;
  for (std::size_t i = 0; i < 3 * ReadingRecordWriter::kLayoutEvery; ++i) {
    if (!writer.write(reading_at(static_cast<std::int64_t>(i))).layout.empty()) ++layouts;
  }
  EXPECT_EQ(layouts, 3U);
}

TEST(ReadingRecord, ANewFileAndANewSeriesBringTheLayout) {
  ReadingRecordWriter writer;
  protocol::Reading reading = reading_at(1);
  EXPECT_FALSE(writer.write(reading).layout.empty());
  EXPECT_TRUE(writer.write(reading).layout.empty());
  writer.begin_file();
  EXPECT_FALSE(writer.write(reading).layout.empty());
  reading.samples.push_back({"new", "", 1});
  EXPECT_FALSE(writer.write(reading).layout.empty());
}

TEST(ReadingRecord, AReadingOfAHundredValuesTakesAFewBytesAValue) {
  std::mt19937 random(3);
  protocol::Reading reading = reading_at(1'763'884'800);
  for (int i = 0; i < 100; ++i) {
    reading.samples.push_back(
        {"cpu_core_percent", std::to_string(i), static_cast<double>(random() % 1000) / 10});
  }
  ReadingRecordWriter writer;
  EXPECT_LT(writer.write(reading).reading.size(), 400U);
}

TEST(ReadingRecord, WithoutItsLayoutAReadingIsNone) {
  ReadingRecordWriter writer;
  const auto payloads = writer.write(reading_at(1));
  ReadingRecordReader reader;
  EXPECT_FALSE(reader.read(payloads.reading));
  EXPECT_TRUE(ReadingRecordReader::is_reading(payloads.reading));
  EXPECT_FALSE(ReadingRecordReader::is_reading(payloads.layout));
}

TEST(ReadingRecord, CutBytesAreNoReading) {
  ReadingRecordWriter writer;
  const auto payloads = writer.write(reading_at(1));
  ReadingRecordReader reader;
  for (std::size_t i = 0; i < payloads.layout.size(); ++i) reader.learn(payloads.layout.substr(0, i));
  reader.learn(payloads.layout);
  ASSERT_TRUE(reader.read(payloads.reading));
  for (std::size_t i = 0; i < payloads.reading.size(); ++i)
    EXPECT_FALSE(reader.read(payloads.reading.substr(0, i)));
}

TEST(ReadingRecord, OfManyLayoutsTheLatestAreKnown) {
  ReadingRecordReader reader;
  ReadingRecordWriter writer;
  std::string last;
  for (int i = 0; i < 1'000; ++i) {
    protocol::Reading reading = reading_at(i);
    reading.samples.push_back({"m" + std::to_string(i), "", 1});
    const auto payloads = writer.write(reading);
    reader.learn(payloads.layout);
    last = payloads.reading;
    ASSERT_TRUE(reader.read(last));
  }
}

}  // namespace
}  // namespace hostwatch::agent
