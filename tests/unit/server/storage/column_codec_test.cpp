// Columns of numbers become few bytes and come back as they were; damaged ones are refused.
#include "server/storage/chunk/column_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace hostwatch::storage {
namespace {

class ColumnCodecTest : public ::testing::Test {
 protected:
  void expect_back(const std::vector<std::int64_t>& numbers) {
    std::vector<std::int64_t> back;
    codec.decode(codec.encode(numbers), back);
    ASSERT_EQ(back, numbers);
  }
  void expect_back(const std::vector<double>& values, int decimals) {
    std::vector<double> back;
    codec.decode(codec.encode(values, decimals), back);
    ASSERT_EQ(back.size(), values.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(back[i]), std::bit_cast<std::uint64_t>(values[i])) << "at " << i;
    }
  }

  ColumnCodec codec;
  std::mt19937_64 random{42};
};

TEST_F(ColumnCodecTest, NothingOneAndEqualNumbersComeBack) {
  expect_back(std::vector<std::int64_t>{});
  expect_back(std::vector<std::int64_t>{7});
  expect_back(std::vector<std::int64_t>(10'000, -5));
}

TEST_F(ColumnCodecTest, TheGreatestDifferencesComeBack) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  expect_back(std::vector<std::int64_t>{kLeast, kMost, 0, kMost, kLeast, -1, kLeast, kLeast});
}

TEST_F(ColumnCodecTest, AnyIntegersComeBack) {
  for (int round = 0; round < 300; ++round) {
    std::vector<std::int64_t> numbers(random() % 300);
    const unsigned shift = static_cast<unsigned>(random() % 64);
    for (auto& number : numbers) number = static_cast<std::int64_t>(random()) >> shift;
    if (round % 3 == 0) {
      for (std::size_t i = 1; i < numbers.size(); ++i) numbers[i] = numbers[i - 1] + numbers[i] % 5;
    }
    expect_back(numbers);
  }
}

TEST_F(ColumnCodecTest, AnyDoublesComeBackBitForBit) {
  for (int round = 0; round < 300; ++round) {
    std::vector<double> values(1 + random() % 100);
    const int decimals = static_cast<int>(random() % 7);
    for (auto& value : values) {
      switch (random() % (round % 2 == 0 ? 1 : 4)) {
        case 0:
          value = std::round(static_cast<double>(random() % 100000)) / std::pow(10, decimals);
          break;
        case 1:
          value = std::bit_cast<double>(random());
          break;
        case 2:
          value = -0.0;
          break;
        default:
          value = 0.1 + 0.2;
      }
    }
    expect_back(values, decimals);
  }
}

TEST_F(ColumnCodecTest, RegularTimestampsCostNextToNothing) {
  std::vector<std::int64_t> times;
  for (std::int64_t i = 0; i < 8'640; ++i) times.push_back(1'763'884'800 + i * 10);
  EXPECT_LT(codec.encode(times).size(), 60U);
  expect_back(times);
}

TEST_F(ColumnCodecTest, ASlowWalkOfTenthsCostsItsEntropyAndLittleMore) {
  std::vector<double> values;
  double value = 500;
  for (int i = 0; i < 8'640; ++i) {
    const auto step = random() % 10;
    value += step < 7 ? 0 : step < 9 ? 1 : -1;
    values.push_back(value / 10);
  }
  constexpr double kEntropyBytes = 1.1568 / 8 * 8'640;  // of the steps
  EXPECT_LT(static_cast<double>(codec.encode(values, 1).size()), 1.12 * kEntropyBytes);
}

TEST_F(ColumnCodecTest, DamageIsRefusedAndNeverChangesANumber) {
  std::vector<double> values;
  for (int i = 0; i < 500; ++i) values.push_back(static_cast<double>(random() % 1'000) / 10);
  const std::string whole = codec.encode(values, 1);
  std::vector<double> back;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(codec.decode(std::string_view(whole).substr(0, length), back), ColumnDamaged);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << (random() % 8)));
    try {
      codec.decode(bytes, back);
      EXPECT_EQ(back, values) << "a bit that means nothing";
    } catch (const ColumnDamaged&) {
    }
  }
}

TEST_F(ColumnCodecTest, AnyBytesAreRefusedOrRead) {
  std::vector<std::int64_t> back;
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (round % 2 == 0) bytes.insert(0, "\x28\xB5\x2F\xFD");
    try {
      codec.decode(bytes, back);
    } catch (const ColumnDamaged&) {
    }
  }
}

}  // namespace
}  // namespace hostwatch::storage
