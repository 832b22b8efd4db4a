#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "protocol/packed_values.h"
#include "protocol/varint.h"
#include "server/storage/reading_codec.h"
#include "server/storage/sqlite/journal_block.h"

namespace hostwatch::storage {
using protocol::pack_value;
using protocol::put_varint;
using protocol::skip_value;
using protocol::take_varint;
using protocol::unpack_value;
using protocol::unzigzag;
using protocol::zigzag;
namespace {

void expect_comes_back(double value, int decimals) {
  std::string bytes;
  pack_value(bytes, value, decimals);
  std::string_view rest = bytes;
  const auto back = unpack_value(rest, decimals);
  ASSERT_TRUE(back) << value;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(*back), std::bit_cast<std::uint64_t>(value))
      << value << " at " << decimals;
  EXPECT_TRUE(rest.empty());
  rest = bytes;
  EXPECT_TRUE(skip_value(rest));
  EXPECT_TRUE(rest.empty());
}

TEST(PackedValue, EveryDoubleComesBackBitForBit) {
  std::mt19937_64 random(20261123);
  for (int i = 0; i < 200000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (std::isfinite(value)) expect_comes_back(value, i % 7);
  }
  for (const double value :
       {0.0, -0.0, 0.1 + 0.2, 1e308, -1e308, 5e-324, 9007199254740991.0, 9007199254740992.0,
        9007199254740993.0, 18446744073709551616.0, 0.05, 99.95, 1e15 + 0.3}) {
    for (int decimals = 0; decimals <= 6; ++decimals) expect_comes_back(value, decimals);
  }
}

TEST(PackedValue, ARoundedValueIsShort) {
  std::string bytes;
  pack_value(bytes, 12.5, 1);
  EXPECT_EQ(bytes.size(), 2U);
}

TEST(Varint, EndsAreKeptAndDamageIsRefused) {
  for (const std::uint64_t value : {0ULL, 127ULL, 128ULL, 300ULL, ~0ULL}) {
    std::string bytes;
    put_varint(bytes, value);
    std::string_view rest = bytes;
    EXPECT_EQ(take_varint(rest), value);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      rest = std::string_view(bytes).substr(0, cut);
      EXPECT_FALSE(take_varint(rest));
    }
  }
  std::string_view endless("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  EXPECT_FALSE(take_varint(endless));
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
}

protocol::Reading with_samples(int count) {
  protocol::Reading reading{"web-1", 1763884800, 12.5, 41.3, 73.2, {}, {}};
  for (int i = 0; i < count; ++i)
    reading.samples.push_back({"gauge", "instance-" + std::to_string(i), i * 1.25});
  return reading;
}

std::string encode(ReadingCodec& codec, const protocol::Reading& reading) {
  HostSeries host;
  return codec.encode(reading, host,
                      [](const protocol::Sample& sample) { ADD_FAILURE() << sample.instance; });
}

TEST(ReadingCodec, AReadingComesBackWithAllItsSamples) {
  ReadingCodec codec;
  const protocol::Reading reading = with_samples(40);
  EXPECT_EQ(codec.decode_reading("web-1", 1763884800, encode(codec, reading)), reading);
}

TEST(ReadingCodec, TheOrderOfSamplesDoesNotMatter) {
  ReadingCodec codec;
  protocol::Reading reading = with_samples(10);
  const std::string bytes = encode(codec, reading);
  std::reverse(reading.samples.begin(), reading.samples.end());
  EXPECT_EQ(encode(codec, reading), bytes);
  EXPECT_EQ(codec.layouts.size(), 1U);
}

TEST(ReadingCodec, BeyondTheLimitOfLayoutsTheSeriesAreWrittenOut) {
  ReadingCodec codec;
  while (codec.layouts.size() < ReadingCodec::kMaxLayouts) {
    codec.layouts.add(pack_series({static_cast<std::uint32_t>(1000 + codec.layouts.size())}));
  }
  const protocol::Reading reading = with_samples(5);
  const std::string bytes = encode(codec, reading);
  EXPECT_EQ(codec.layouts.size(), ReadingCodec::kMaxLayouts);
  EXPECT_EQ(codec.decode_reading("web-1", 1763884800, bytes), reading);
  const ReadRequest request{"", 0, 0, false, {"disk"}};
  WantedValues wanted(request);
  std::vector<StoredValue> values;
  wanted.decode(codec, bytes, values);
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].value, 73.2);
}

TEST(ReadingCodec, OnlyWhatIsWantedIsDecoded) {
  ReadingCodec codec;
  const std::string bytes = encode(codec, with_samples(3));
  const ReadRequest request{"", 0, 0, false, {"ram", "gauge"}};
  WantedValues wanted(request);
  std::vector<StoredValue> values;
  wanted.decode(codec, bytes, values);
  std::vector<double> numbers;
  for (const StoredValue& value : values) numbers.push_back(value.value);
  EXPECT_THAT(numbers, ::testing::ElementsAre(41.3, 0, 1.25, 2.5));
}

protocol::Reading with_series_from(int first, int count, std::int64_t day) {
  protocol::Reading reading{"web-1", day * 86400, 12.5, 41.3, 73.2, {}, {}};
  for (int i = first; i < first + count; ++i) reading.samples.push_back({"gauge", std::to_string(i), 1.5});
  return reading;
}

TEST(ReadingCodec, SeriesThatAHostHasTooManyOfAreLeftOutAndNamed) {
  ReadingCodec codec;
  HostSeries host;
  std::vector<std::string> refused;
  const auto refuse = [&](const protocol::Sample& sample) { refused.push_back(sample.instance); };
  for (int i = 0; i < 2000; i += 500) codec.encode(with_series_from(i, 500, 20000), host, refuse);
  EXPECT_TRUE(refused.empty());
  const std::string bytes = codec.encode(with_series_from(1998, 4, 20000), host, refuse);
  EXPECT_THAT(refused, ::testing::ElementsAre("2000", "2001"));
  EXPECT_EQ(codec.decode_reading("web-1", 0, bytes).samples.size(), 2U);
  EXPECT_EQ(codec.series_count(), 3U + 2000) << "no number is spent on what is refused";
  HostSeries other;
  codec.encode(with_series_from(2000, 2, 20000), other, refuse);
  EXPECT_EQ(refused.size(), 2U) << "another host has room";
}

TEST(ReadingCodec, SeriesThatAreNoLongerMetMakeRoom) {
  ReadingCodec codec;
  HostSeries host;
  std::size_t refused = 0;
  const auto refuse = [&](const protocol::Sample&) { ++refused; };
  for (int i = 0; i < 2000; i += 500) codec.encode(with_series_from(i, 500, 20000), host, refuse);
  codec.encode(with_series_from(5000, 100, 20001), host, refuse);
  EXPECT_EQ(refused, 100U);
  codec.encode(with_series_from(5000, 100, 20004), host, refuse);
  EXPECT_EQ(refused, 100U);
}

TEST(HostSeries, ComesBackFromItsBytes) {
  HostSeries host;
  for (std::uint32_t series : {7U, 3U, 900U}) EXPECT_TRUE(host.admit(series, 20000));
  HostSeries back = HostSeries::unpack(host.pack());
  EXPECT_EQ(back.size(), 3U);
  EXPECT_EQ(back.pack(), host.pack());
  const std::string bytes = host.pack();
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    try {
      EXPECT_LT(HostSeries::unpack(std::string_view(bytes).substr(0, cut)).size(), 3U);
    } catch (const StoreError&) {
    }
  }
}

TEST(ReadingCodec, DamagedBytesNeverCrash) {
  ReadingCodec codec;
  const std::string bytes = encode(codec, with_samples(8));
  std::vector<StoredValue> values;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_THROW(codec.decode(std::string_view(bytes).substr(0, cut), values), StoreError) << cut;
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    try {
      codec.decode(damaged, values);
    } catch (const StoreError&) {
    }
  }
}

TEST(SeriesDictionary, WhatIsTakenBackIsNotKnownAnyMore) {
  SeriesDictionary dictionary;
  EXPECT_EQ(dictionary.find("cpu", ""), kCpuSeries);
  EXPECT_EQ(dictionary.find("ram", ""), kRamSeries);
  EXPECT_EQ(dictionary.find("disk", ""), kDiskSeries);
  const std::uint32_t number = dictionary.add("load1", "", 2);
  EXPECT_EQ(dictionary.find("load1", ""), number);
  dictionary.shrink_to(3);
  EXPECT_EQ(dictionary.find("load1", ""), 0U);
}

TEST(JournalBlock, ReadingsComeBackInOrderAndDamageIsRefused) {
  sqlite::JournalBlockWriter writer;
  writer.add(7, 1763884800, "abc");
  writer.add(3, 1763884790, "");
  std::vector<std::tuple<std::int64_t, std::int64_t, std::string>> found;
  const auto collect = [&](std::int64_t host, std::int64_t timestamp, std::string_view packed) {
    found.emplace_back(host, timestamp, packed);
  };
  sqlite::read_journal_block(writer.bytes(), collect);
  EXPECT_THAT(found, ::testing::ElementsAre(std::tuple(7, 1763884800, "abc"), std::tuple(3, 1763884790, "")));
  const std::string_view cut = std::string_view(writer.bytes()).substr(0, writer.bytes().size() - 1);
  EXPECT_THROW(sqlite::read_journal_block(cut, collect), StoreError);
}

}  // namespace
}  // namespace hostwatch::storage
