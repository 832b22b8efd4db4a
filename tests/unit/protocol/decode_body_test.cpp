// Bodies as a whole: what is no JSON, what is too much, and what only looks odd.
#include <gmock/gmock.h>

#include "tests/unit/protocol/decode_fixture.h"

namespace hostwatch::protocol::test::decode_body_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct BadBody {
  const char* name;
  std::string body;
  std::string error;  ///< as it begins
};

std::ostream& operator<<(std::ostream& out, const BadBody& bad) {
  return out << bad.name;
}

const std::string kNotJson = "the body is not valid JSON: ";
const std::string kNotReading = "the body must be a reading (an object) or an array of readings";

std::string with(const std::string& cpu) {
  Text text;
  text.cpu = cpu;
  return text.text();
}
std::string named(const std::string& hostname) {
  Text text;
  text.hostname = "\"" + hostname + "\"";
  return text.text();
}

class BadBodies : public testing::TestWithParam<BadBody> {};

TEST_P(BadBodies, IsRefusedWhole) {
  const DecodeError error = refusal(GetParam().body);
  EXPECT_THAT(error.error, StartsWith(GetParam().error));
  EXPECT_FALSE(error.too_large);
  EXPECT_LT(error.error.size(), 300U);
}

std::string name_of(const testing::TestParamInfo<BadBody>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadBodies,
    testing::Values(
        BadBody{"Empty", "", kNotJson + "parse error at line 1, column 1"},
        BadBody{"Blank", " \r\n\t", kNotJson}, BadBody{"Word", "hello", kNotJson},
        BadBody{"Form", "hostname=web-1&cpu=5", kNotJson}, BadBody{"Null", "null", kNotReading},
        BadBody{"Number", "5", kNotReading}, BadBody{"HugeNumber", "1e999", kNotReading},
        BadBody{"String", "\"x\"", kNotReading}, BadBody{"True", "true", kNotReading},
        BadBody{"GarbageAfter", Text().text() + "x", kNotJson},
        BadBody{"TwoReadings", Text().text() + "\n" + Text().text(), kNotJson},
        BadBody{"NulAfter", Text().text() + std::string(1, '\0'), kNotJson},
        BadBody{"GarbageAfterNul", Text().text() + std::string("\0{}", 3), kNotJson},
        BadBody{"BracketAfter", "[]]", kNotJson}, BadBody{"CommaLast", "[" + Text().text() + ",]", kNotJson},
        BadBody{"CommaInObject", R"({"hostname":"a",})", kNotJson}, BadBody{"NaN", with("NaN"), kNotJson},
        BadBody{"Infinity", with("Infinity"), kNotJson},
        BadBody{"MinusInfinity", with("-Infinity"), kNotJson},
        BadBody{"NaNAmongGoodOnes", "[" + good("a") + "," + with("nan") + "]", kNotJson},
        BadBody{"LeadingZero", with("012"), kNotJson}, BadBody{"PlusSign", with("+1"), kNotJson},
        BadBody{"PointLast", with("1."), kNotJson}, BadBody{"Hexadecimal", with("0x10"), kNotJson},
        BadBody{"SingleQuotes", "{'hostname':'a'}", kNotJson},
        BadBody{"Comment", "/* a */" + Text().text(), kNotJson},
        BadBody{"Utf16", std::string("\xFF\xFE{\0}\0", 6), kNotJson},
        BadBody{"HalfByteOrderMark", "\xEF\xBB" + Text().text(), kNotJson},
        BadBody{"InvalidUtf8", named("a\xFF"), kNotJson},
        BadBody{"OverlongUtf8", named("\xC0\xAF"), kNotJson},
        BadBody{"SurrogateInUtf8", named("\xED\xA0\x80"), kNotJson},
        BadBody{"LoneHighSurrogate", named("\\ud800"), kNotJson},
        BadBody{"LoneLowSurrogate", named("\\udc00"), kNotJson},
        BadBody{"SurrogatesSwapped", named("\\udc00\\ud800"), kNotJson},
        BadBody{"RawNul", named(std::string("a\0b", 3)), kNotJson},
        BadBody{"RawLineFeed", named("a\nb"), kNotJson}, BadBody{"UnknownEscape", named("\\x41"), kNotJson},
        BadBody{"DeepArrays", std::string(100000, '['), "the body is nested too deeply (at most 16 levels)"},
        BadBody{"DeepInUnknownField",
                R"({"extra":)" + std::string(100000, '[') + std::string(100000, ']') + "}",
                "the body is nested too deeply (at most 16 levels)"},
        BadBody{"DeepObjects",
                [] {
                  std::string text;
                  for (int i = 0; i < 100000; ++i) text += "{\"a\":";
                  return text;
                }(),
                "the body is nested too deeply (at most 16 levels)"}),
    name_of);

TEST(DecodeBody, CutOffAnywhereIsNoReading) {
  Text text;
  text.hostname = "\"w\\u00e4b \xC3\xA4\"";
  text.more = R"(,"metrics":{"load1":0.4,"net":{"eth0":1e3}},"facts":{"os":"x"},"more":[null,true])";
  for (const std::string& body : {text.text(), "[" + text.text() + "," + good("b") + "]"}) {
    decoded(body);
    for (std::size_t size = 0; size < body.size(); ++size) {
      SCOPED_TRACE(body.substr(0, size));
      EXPECT_THAT(refusal(std::string_view(body).substr(0, size)).error, StartsWith(kNotJson));
    }
  }
}

TEST(DecodeBody, WhereItStoppedBeingJsonIsSaid) {
  EXPECT_THAT(refusal("[\n  nan]").error, HasSubstr("line 2, column"));
}

TEST(DecodeBody, AnEmptyArrayHoldsNothing) {
  for (const char* body : {"[]", " [ ] ", "\xEF\xBB\xBF[]"}) {
    const DecodedReadings result = decoded(body);
    EXPECT_TRUE(result.is_array);
    EXPECT_TRUE(result.readings.empty());
    EXPECT_EQ(result.rejected_count, 0U);
  }
}

TEST(DecodeBody, ElementsThatAreNoReadingsAreNamed) {
  const DecodedReadings result =
      decoded("[1, " + good("a") + R"(, "x", null, true, 1.5, [], [[1],{"hostname":"x"}], )" + good("b") +
              ", {}, 1e999, -1]");
  ASSERT_EQ(result.readings.size(), 2U);
  EXPECT_EQ(result.readings[0].hostname, "a");
  EXPECT_EQ(result.readings[1].hostname, "b");
  std::vector<std::size_t> indexes;
  for (const RejectedReading& rejected : result.rejected) {
    indexes.push_back(rejected.index);
    EXPECT_EQ(rejected.error, rejected.index == 9 ? "hostname is missing" : "a reading must be an object");
  }
  EXPECT_THAT(indexes, testing::ElementsAre(0, 2, 3, 4, 5, 6, 7, 9, 10, 11));
}

TEST(DecodeBody, NumbersPastDoublesInSeveralReadingsAreNamedEach) {
  const DecodedReadings result = decoded("\xEF\xBB\xBF[" + with("1e999") + "," + good("a") + ",\n" +
                                         with("-1E+400") + "," + good("b") + "]");
  ASSERT_EQ(result.readings.size(), 2U);
  ASSERT_EQ(result.rejected.size(), 2U);
  EXPECT_EQ(result.rejected[0].index, 0U);
  EXPECT_EQ(result.rejected[1].index, 2U);
  for (const RejectedReading& rejected : result.rejected) EXPECT_THAT(rejected.error, StartsWith("cpu must"));
}

TEST(DecodeBody, ManyNumbersPastDoublesEndInARefusal) {
  std::string body = "[" + good("a");
  for (int i = 0; i < 1000; ++i) body += ",1e999";
  EXPECT_THAT(refusal(body + "]").error, StartsWith(kNotJson + "number overflow"));
}

TEST(DecodeBody, MoreReadingsThanFitIsTooLarge) {
  DecodeLimits three = limits();
  three.max_readings = 3;
  EXPECT_EQ(decoded("[" + good("a") + "," + good("b") + "," + good("c") + "]", three).readings.size(), 3U);
  const DecodeError error = refusal("[" + good("a") + ",{}," + good("c") + "," + good("d") + "]", three);
  EXPECT_EQ(error.error, "at most 3 readings fit in one array");
  EXPECT_TRUE(error.too_large);
}

TEST(DecodeBody, SeriesBeyondTheLimitAreLeftOutByNameAndTheReadingIsKept) {
  DecodeLimits two = limits();
  two.max_series = 2;
  Text text;
  text.more = R"(,"metrics":{"a":1,"b":{"x":1}})";
  EXPECT_EQ(one(text.text(), two).samples.size(), 2U);
  text.more = R"(,"metrics":{"a":1,"b":{"x":1,"y":2},"c":3})";
  const DecodedReadings result = decoded("[" + text.text() + "," + good("b") + "]", two);
  ASSERT_EQ(result.readings.size(), 2U);
  EXPECT_EQ(result.readings.front().values.size(), 2U);
  EXPECT_EQ(result.rejected_count, 0U);
  ASSERT_EQ(result.surplus.size(), 2U);
  EXPECT_EQ(result.surplus_count, 2U);
  EXPECT_EQ(result.surplus[0].hostname, result.readings.front().hostname);
  EXPECT_EQ(result.surplus[0].name, "b{y}");
  EXPECT_EQ(result.surplus[1].name, "c");
}

TEST(DecodeBody, OfARefusedReadingNoSurplusIsNamedAndOfManyTheFirst) {
  DecodeLimits none = limits();
  none.max_series = 0;
  Text text;
  text.more = R"(,"metrics":{"a":1})";
  std::string body = R"([{"hostname":"bad","metrics":{"a":1}})";
  for (int i = 0; i < 50; ++i) body += "," + text.text();
  const DecodedReadings result = decoded(body + "]", none);
  EXPECT_EQ(result.surplus_count, 50U);
  EXPECT_EQ(result.surplus.size(), 20U);
}

TEST(DecodeBody, NoMoreRefusalsAreKeptThanAskedFor) {
  DecodeLimits few = limits();
  few.max_errors = 2;
  const DecodedReadings result = decoded("[{},{},{},{}," + good("a") + "]", few);
  EXPECT_EQ(result.rejected.size(), 2U);
  EXPECT_EQ(result.rejected_count, 4U);
  EXPECT_EQ(result.readings.size(), 1U);
}

TEST(DecodeBody, HostsThatCannotBeTakenAreRefusedByName) {
  DecodeLimits known = limits();
  known.refuses = [](std::string_view name, std::int64_t) {
    return name == "known" ? nullptr : "hostname is not known";
  };
  const DecodedReadings result = decoded("[" + good("other") + "," + good("known") + "]", known);
  ASSERT_EQ(result.readings.size(), 1U);
  EXPECT_EQ(result.readings.front().hostname, "known");
  ASSERT_EQ(result.rejected.size(), 1U);
  EXPECT_EQ(result.rejected.front().error, "hostname is not known");
}

TEST(DecodeBody, WithoutAClockNoDifferenceIsNamed) {
  DecodeLimits bare = limits();
  bare.now = 0;
  Text text;
  text.timestamp = "1763885101";
  const DecodedReadings result = decoded(text.text(), bare);
  ASSERT_EQ(result.rejected.size(), 1U);
  EXPECT_EQ(result.rejected.front().error, "timestamp is out of range");
}

}  // namespace
}  // namespace hostwatch::protocol::test::decode_body_test
