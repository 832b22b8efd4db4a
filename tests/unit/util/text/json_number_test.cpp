#include "util/text/json_number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace hostwatch::util {
namespace {

TEST(JsonNumber, IsTakenOffTheFrontAndWhatFollowsStays) {
  std::string_view text = "12.5,\"ram\"";
  EXPECT_EQ(take_json_number(text), 12.5);
  EXPECT_EQ(text, ",\"ram\"");
  text = "-0.0]";
  const auto zero = take_json_number(text);
  ASSERT_TRUE(zero);
  EXPECT_TRUE(std::signbit(*zero));
  text = "007";
  EXPECT_FALSE(take_json_number(text));
  EXPECT_EQ(text, "007");
}

TEST(JsonNumber, IsNothingElseThanRfc8259Says) {
  for (std::string_view text : {"", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "01", "-01", "00", "Infinity",
                                "NaN", "x", " 1", "--1", "1e999", "-1e999"}) {
    const std::string_view before = text;
    EXPECT_FALSE(take_json_number(text)) << before;
    EXPECT_EQ(text, before);
  }
  for (std::string_view text :
       {"0", "-0", "10", "0.0", "1e5", "1E-05", "-1.5e+300", "123456789012345678901234567890"}) {
    const std::string_view before = text;
    EXPECT_TRUE(take_json_number(text)) << before;
    EXPECT_TRUE(text.empty()) << before;
  }
}

/// The double next to what is written: that of the C library, and of the parser that all other JSON goes
/// through.
TEST(JsonNumber, IsTheNearestDoubleBitForBit) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 200000; ++i) {
    std::string text = random() % 2 == 0 ? "-" : "";
    const std::size_t digits = 1 + random() % 22;
    text += static_cast<char>('1' + random() % 9);
    for (std::size_t k = 1; k < digits; ++k) text += static_cast<char>('0' + random() % 10);
    if (random() % 4 != 0) {
      text += '.';
      for (std::size_t k = 1 + random() % 24; k > 0; --k) text += static_cast<char>('0' + random() % 10);
    }
    if (random() % 4 == 0) text += "e" + std::to_string(static_cast<int>(random() % 500) - 250);
    std::string_view rest = text;
    const auto taken = take_json_number(rest);
    ASSERT_TRUE(taken) << text;
    EXPECT_TRUE(rest.empty()) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(*taken),
              std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)))
        << text;
    EXPECT_EQ(*taken, nlohmann::json::parse(text).get<double>()) << text;
  }
}

}  // namespace
}  // namespace hostwatch::util
