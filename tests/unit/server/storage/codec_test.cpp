#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "protocol/packed_values.h"
#include "server/storage/packed/journal_block.h"
#include "server/storage/packed/reading_codec.h"
#include "util/text/varint.h"

namespace hostwatch::storage {
using protocol::pack_value;
using protocol::skip_value;
using protocol::unpack_value;
using util::put_varint;
using util::take_varint;
using util::unzigzag;
using util::zigzag;
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
  return codec.encode(
      protocol::received(reading), {host, 1, reading.timestamp},
      [](const protocol::Layout::Series& series, SeriesRefusal) { ADD_FAILURE() << series.instance; });
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
  ReadingCodec codec({200000, 1});
  encode(codec, with_samples(4));
  const protocol::Reading reading = with_samples(5);
  const std::string bytes = encode(codec, reading);
  EXPECT_EQ(codec.layouts.size(), 1U);
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

constexpr std::int64_t kToday = 20000LL * 86400;

/// Readings of one host with numbered names, as they come at a time of the server's.
class NamesOfHost {
 public:
  explicit NamesOfHost(ReadingCodec& codec, std::int64_t id = 1, bool is_new = false)
      : codec_(codec), id_(id), is_new_(is_new) {}

  /// What is refused of `count` names from `first` on.
  std::vector<std::string> refused(int first, int count, std::int64_t now, std::int64_t timestamp = kToday) {
    protocol::Reading reading{"web-1", timestamp, 12.5, 41.3, 73.2, {}, {}};
    for (int i = first; i < first + count; ++i) reading.samples.push_back({"gauge", std::to_string(i), 1.5});
    std::vector<std::string> names;
    const EncodingHost host{host_, id_, now, HostSeries::kMostBroughtAnHour, is_new_};
    const auto refuse = [&](const protocol::Layout::Series& series, SeriesRefusal why) {
      names.emplace_back(series.instance);
      reason = why;
    };
    bytes = codec_.encode(protocol::received(reading), host, refuse);
    return names;
  }

  std::string bytes;  ///< of the last reading
  SeriesRefusal reason{};

 private:
  ReadingCodec& codec_;
  std::int64_t id_;
  bool is_new_;
  HostSeries host_;
};

/// Two thousand names within two hours.
void fill(NamesOfHost& host, std::int64_t now = kToday) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(host.refused(i * 500, 500, now + i / 2 * 3600).size(), 0U);
}

TEST(ReadingCodec, SeriesThatAHostHasTooManyOfAreLeftOutAndNamed) {
  ReadingCodec codec;
  NamesOfHost host(codec);
  fill(host);
  EXPECT_THAT(host.refused(1998, 4, kToday + 7200), ::testing::ElementsAre("2000", "2001"));
  EXPECT_EQ(host.reason, SeriesRefusal::host_is_full);
  EXPECT_EQ(codec.decode_reading("web-1", 0, host.bytes).samples.size(), 2U);
  EXPECT_EQ(codec.series_count(), 3U + 2000) << "no number is spent on what is refused";
  NamesOfHost other(codec, 2);
  EXPECT_TRUE(other.refused(2000, 2, kToday).empty()) << "another host has room";
}

TEST(ReadingCodec, SeriesThatAreNoLongerMetMakeRoom) {
  ReadingCodec codec;
  NamesOfHost host(codec);
  fill(host);
  EXPECT_EQ(host.refused(5000, 100, kToday + 86400).size(), 100U);
  EXPECT_EQ(host.refused(5000, 100, kToday + 4 * 86400).size(), 0U);
}

TEST(ReadingCodec, TheDayIsTheServersWhateverTheReadingsSay) {
  ReadingCodec codec;
  NamesOfHost host(codec);
  fill(host);
  for (int day = 29; day >= 0; --day) {
    EXPECT_EQ(host.refused(5000 + day * 10, 10, kToday + 7200, kToday - day * 86400).size(), 10U) << day;
  }
  EXPECT_EQ(codec.series_count(), 3U + 2000);
}

TEST(ReadingCodec, WhenTheClockWasSetBackOldNamesStillMakeRoom) {
  ReadingCodec codec;
  NamesOfHost host(codec);
  fill(host, kToday + 1000LL * 86400);
  EXPECT_EQ(host.refused(5000, 10, kToday).size(), 0U);
}

TEST(ReadingCodec, AHostBringsAThousandNamesAnHour) {
  ReadingCodec codec;
  NamesOfHost host(codec);
  EXPECT_EQ(host.refused(0, 500, kToday).size(), 0U);
  EXPECT_EQ(host.refused(500, 500, kToday + 60).size(), 0U);
  EXPECT_EQ(host.refused(1000, 500, kToday + 120).size(), 500U);
  EXPECT_EQ(host.reason, SeriesRefusal::hour_is_full);
  EXPECT_EQ(host.refused(0, 500, kToday + 180).size(), 0U) << "what it has is taken as ever";
  EXPECT_EQ(host.refused(1000, 500, kToday + 3600).size(), 0U);
  NamesOfHost other(codec, 2);
  EXPECT_EQ(other.refused(0, 500, kToday).size(), 0U) << "names that are there are no new ones";
  EXPECT_EQ(other.refused(5000, 500, kToday).size(), 0U);
  EXPECT_EQ(other.refused(6000, 500, kToday).size(), 0U);
}

TEST(ReadingCodec, ManyHostsThatBringAllTheyCanLeaveRoomForOthers) {
  for (const int flooding : {10, 90, 200}) {
    ReadingCodec codec;
    std::vector<NamesOfHost> hosts;
    for (int i = 0; i < flooding; ++i) {
      hosts.emplace_back(codec, i + 1);
      for (int j = 0; j < 4; ++j) {
        hosts.back().refused(10000 * (i + 1) + j * 500, 500, kToday + j / 2 * 3600);
      }
    }
    NamesOfHost victim(codec, 1000);
    EXPECT_EQ(victim.refused(0, 60, kToday + 7200).size(), 0U) << flooding;
    EXPECT_LE(codec.series_count(), codec.limits().series);
  }
}

TEST(ReadingCodec, NoHostBringsMoreThanAHalfHoweverLongItTakes) {
  ReadingCodec codec({10000, 20000});
  NamesOfHost host(codec);
  for (int day = 0; day < 60; ++day) host.refused(1000 * day, 500, kToday + day * 86400LL);
  EXPECT_EQ(host.reason, SeriesRefusal::others_come_first);
  EXPECT_LE(codec.series_count(), 4600U);
  NamesOfHost other(codec, 2);
  EXPECT_EQ(other.refused(1000000, 500, kToday).size(), 0U);
}

TEST(ReadingCodec, NewHostsTogetherBringHalfOfWhatIsLeft) {
  for (const int each : {10, 100, 500}) {
    ReadingCodec codec;
    for (int i = 0; i < std::max(1000, 200000 / each); ++i) {
      NamesOfHost host(codec, i + 1, true);
      host.refused(i * each, each, kToday);
    }
    EXPECT_LE(codec.series_count(), 3U + 90000) << each;
    NamesOfHost last(codec, 1000000, true);
    last.refused(1000000, 60, kToday);
    EXPECT_EQ(last.reason, SeriesRefusal::new_hosts_wait);
    NamesOfHost older(codec, 1000001);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(older.refused(2000000 + i * 500, 500, kToday).size(), 0U) << each;
  }
}

TEST(ReadingCodec, NewHostsThatBringManyLeaveSomethingToThoseThatBringFew) {
  ReadingCodec codec;
  for (int i = 0; i < 200; ++i) {
    NamesOfHost host(codec, i + 1, true);
    for (int j = 0; j < 2; ++j) host.refused(i * 1000 + j * 500, 500, kToday);
  }
  for (int i = 0; i < 100; ++i) {
    NamesOfHost host(codec, 1000 + i, true);
    EXPECT_EQ(host.refused(1000000 + i * 60, 60, kToday).size(), 0U) << i;
  }
}

TEST(ReadingCodec, AHostThatBringsMoreLayoutsThanItMayHasTheRestWrittenOut) {
  ReadingCodec codec({200000, 100, 10});
  NamesOfHost host(codec);
  host.refused(0, 500, kToday);
  for (int i = 1; i < 20; ++i) EXPECT_EQ(host.refused(i, 100, kToday).size(), 0U);
  EXPECT_EQ(codec.layouts.size(), 10U);
  EXPECT_EQ(codec.decode_reading("web-1", 0, host.bytes).samples.size(), 100U);
  NamesOfHost other(codec, 2);
  other.refused(0, 50, kToday);
  EXPECT_EQ(codec.layouts.size(), 11U);
  const std::vector<std::uint32_t> some{2, 3};
  codec.retire({}, some, kToday);
  for (int i = 30; i < 40; ++i) host.refused(i, 100, kToday);
  EXPECT_EQ(codec.layouts.size(), 11U) << "for what is given back it may bring others";
}

TEST(ReadingCodec, TheSameReadingIsTheSameHoweverItsSeriesAreWritten) {
  ReadingCodec codec({200000, 0});
  const std::string written_out = encode(codec, with_samples(5));
  std::vector<std::uint32_t> numbers;
  std::vector<PackedSeries> list;
  for (std::uint32_t number = 1; number <= codec.series.last(); ++number) {
    numbers.push_back(number);
    list.push_back({number, codec.decimals(number)});
  }
  codec.layouts.add(pack_series(numbers), list);
  const std::string numbered = encode(codec, with_samples(5));
  ASSERT_NE(written_out, numbered);
  EXPECT_TRUE(codec.is_same(written_out, numbered));
  protocol::Reading other = with_samples(5);
  other.cpu += 0.1;
  EXPECT_FALSE(codec.is_same(written_out, encode(codec, other)));
  EXPECT_FALSE(codec.is_same(written_out, "damaged"));
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
  EXPECT_EQ(dictionary.find("cpu", "").number, kCpuSeries);
  EXPECT_EQ(dictionary.find("ram", "").number, kRamSeries);
  EXPECT_EQ(dictionary.find("disk", "").number, kDiskSeries);
  const std::uint32_t number = dictionary.add("load1", "", 2, 7);
  EXPECT_EQ(dictionary.find("load1", "").number, number);
  EXPECT_EQ(dictionary.brought_by(7).entries, 1U);
  dictionary.shrink_to(3);
  EXPECT_EQ(dictionary.find("load1", "").number, 0U);
  EXPECT_EQ(dictionary.brought_by(7).entries, 0U);
  EXPECT_EQ(dictionary.size(), 3U);
}

TEST(SeriesDictionary, ANumberThatWasGivenBackIsNeverGivenAgain) {
  SeriesDictionary dictionary;
  const std::uint32_t old = dictionary.add("load1", "", 2, 7);
  dictionary.retire(old, 1000);
  EXPECT_EQ(dictionary.size(), 3U);
  EXPECT_EQ(dictionary.brought_by(7).entries, 0U);
  EXPECT_EQ(dictionary.add("load5", "", 2, 8), old + 1);
  EXPECT_EQ(dictionary.add("load1", "", 2, 8), old + 2);
  dictionary.drop_retired(1000 + SeriesDictionary::kRetiredSeconds - 1);
  ASSERT_NE(dictionary.entry(old), nullptr) << "for queries that began before";
  EXPECT_EQ(dictionary.entry(old)->name.metric, "load1");
  dictionary.drop_retired(1000 + SeriesDictionary::kRetiredSeconds);
  EXPECT_EQ(dictionary.entry(old), nullptr);
  EXPECT_EQ(dictionary.find("load1", "").number, old + 2);
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
