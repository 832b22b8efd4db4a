#include "util/text/json_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <random>

#include "util/text/json_text.h"

namespace hostwatch::util {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(JsonObject, HasItsOwnScalarsAndThoseOfItsObjects) {
  const auto object = read_json_object(
      R"({"t":"é","i":-5,"d":1.5,"b":true,"n":null,"o":{"a":"1","deep":{"x":2}},"l":[1,"p",{"y":"3"},["z"],"q"]})",
      4);
  ASSERT_TRUE(object);
  EXPECT_THAT(object->members, ElementsAre(Pair("b", JsonScalar(true)), Pair("d", JsonScalar(1.5)),
                                           Pair("i", JsonScalar(std::int64_t{-5})),
                                           Pair("n", JsonScalar(nullptr)), Pair("t", JsonScalar("é"))));
  ASSERT_EQ(object->objects.size(), 1U);
  EXPECT_THAT(object->objects.at("o"), ElementsAre(Pair("a", JsonScalar("1"))));
  EXPECT_THAT(object->arrays, ElementsAre(Pair("l", ElementsAre("p", "q"))));
}

TEST(JsonObject, HasAValueOfWhateverKindThatIsNotNull) {
  const auto object = read_json_object(R"({"t":"","o":{},"l":[],"n":null,"again":[1],"again":null})", 4);
  ASSERT_TRUE(object);
  for (const char* name : {"t", "o", "l"}) EXPECT_TRUE(object->has_value(name)) << name;
  for (const char* name : {"n", "again", "other"}) EXPECT_FALSE(object->has_value(name)) << name;
}

TEST(JsonObject, OfMembersOfOneNameTheLastCounts) {
  const auto object = read_json_object(R"({"a":1,"a":{"b":1,"b":2},"c":{"d":1},"c":"text"})", 4);
  ASSERT_TRUE(object);
  EXPECT_THAT(object->members, ElementsAre(Pair("c", JsonScalar("text"))));
  ASSERT_EQ(object->objects.size(), 1U);
  EXPECT_THAT(object->objects.at("a"), ElementsAre(Pair("b", JsonScalar(std::int64_t{2}))));
}

TEST(JsonObject, ANumberBeyond64BitsIsNoWholeOne) {
  const auto object = read_json_object(R"({"a":9223372036854775807,"b":18446744073709551615})", 1);
  ASSERT_TRUE(object);
  EXPECT_EQ(object->members.at("a"), JsonScalar(INT64_MAX));
  EXPECT_TRUE(std::holds_alternative<double>(object->members.at("b")));
}

TEST(JsonObject, WhatIsNoneIsNotRead) {
  for (const char* text :
       {"", "5", "null", "[]", "[{}]", "\"a\"", "{", "{}{}", R"({"a":})", "{\"a\":\"\x80\"}"})
    EXPECT_FALSE(read_json_object(text, 4)) << text;
  EXPECT_TRUE(read_json_object(" {} ", 4));
}

TEST(JsonObject, IsNotReadWhereItIsNestedTooDeep) {
  EXPECT_TRUE(read_json_object(R"({"a":[{"b":5}]})", 3));
  EXPECT_FALSE(read_json_object(R"({"a":[{"b":[]}]})", 3));
  EXPECT_FALSE(read_json_object("{\"a\":" + std::string(100000, '['), 4));
}

TEST(JsonObject, IsWrittenInTheOrderOfTheCalls) {
  JsonObjectWriter inner;
  inner.boolean("yes", true);
  JsonObjectWriter object;
  object.text("b", "a \"b\"");
  object.number("a", -5);
  object.null("n");
  object.text_or_null("t", "");
  object.number_or_null("z", 0);
  object.json("o", inner.finish());
  EXPECT_EQ(object.finish(), R"({"b":"a \"b\"","a":-5,"n":null,"t":null,"z":null,"o":{"yes":true}})");
  EXPECT_EQ(JsonObjectWriter().finish(), "{}");
}

/// The same text as of the C++ library, which finds the shortest that reads back as the same number.
TEST(JsonNumberText, IsTheShortestThatReadsBack) {
  const auto expect_as_library = [](double value) {
    std::string text;
    append_json_number(text, value);
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    EXPECT_EQ(text, std::string(buffer.data(), end));
  };
  for (const double value : {0.0,
                             -0.0,
                             1.0,
                             -1.0,
                             99999.0,
                             100000.0,
                             120000.0,
                             1e6,
                             12345600000.0,
                             1e15,
                             999999999999999.0,
                             1e22,
                             0.1,
                             -0.5,
                             0.001,
                             0.0001,
                             0.125,
                             0.3,
                             0.1 + 0.2,
                             1e-7,
                             5e-324,
                             1.7976931348623157e308,
                             9007199254740993.0,
                             123456789012.345,
                             1234567890123.456,
                             -273.15,
                             100.0,
                             1e5 + 0.5}) {
    expect_as_library(value);
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 300000; ++i) {
    const auto integer = static_cast<double>(static_cast<std::int64_t>(random() >> (random() % 60)));
    const std::array<double, 6> powers{1, 10, 100, 1000, 1e4, 1e6};
    expect_as_library((random() % 2 == 0 ? 1 : -1) * integer / powers.at(random() % powers.size()));
  }
}

}  // namespace
}  // namespace hostwatch::util
