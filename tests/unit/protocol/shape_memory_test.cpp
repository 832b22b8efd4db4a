// The quick way of decoding: which bodies it takes, and that it never differs from the one by every rule.
#include "protocol/shape_memory.h"

#include <gmock/gmock.h>

#include <array>
#include <random>

#include "protocol/encode.h"
#include "tests/unit/protocol/decode_fixture.h"

namespace hostwatch::protocol::test::shape_memory_test {
namespace {

const std::string kAgent =
    R"({"hostname":"web-1","timestamp":1763884800,"cpu":12.5,"ram":41.0,"disk":73.2,)"
    R"("metrics":{"load1":0.42,"network_receive_bytes_per_second":{"eth0":1834,"lo":12},"custom":-1e-3}})";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

class ShapeMemoryTest : public testing::Test {
 protected:
  void learn(std::string_view body) { decode_readings(body, limits(), &shapes_); }
  bool recognises(std::string_view body) { return shapes_.recognise(body, limits()).has_value(); }
  void expect_the_same(std::string_view body) {
    EXPECT_TRUE(is_same(decode_readings(body, limits(), &shapes_), decode_readings(body, limits()))) << body;
  }

  ShapeMemory shapes_;
};

TEST_F(ShapeMemoryTest, KnowsTheNextReadingOfAHostAgain) {
  EXPECT_FALSE(recognises(kAgent));
  learn(kAgent);
  const std::string next = replaced(replaced(kAgent, "1763884800", "1763884810"), "12.5", "99");
  const auto quick = shapes_.recognise(next, limits());
  ASSERT_TRUE(quick);
  EXPECT_TRUE(is_same(*quick, decode_readings(next, limits())));
}

TEST_F(ShapeMemoryTest, HostsThatLookAlikeShareTheirLayout) {
  learn(kAgent);
  const std::string other = replaced(kAgent, "web-1", "db-7");
  EXPECT_TRUE(recognises(other));
  const auto one = shapes_.recognise(kAgent, limits());
  const auto two = shapes_.recognise(other, limits());
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->readings.front().layout, two->readings.front().layout);
}

TEST_F(ShapeMemoryTest, ReadingsThatAreWrittenInAnotherWayShareTheirLayoutToo) {
  learn(kAgent);
  std::string spaced = kAgent;
  for (std::size_t at = 0; (at = spaced.find(':', at)) != std::string::npos; at += 2)
    spaced.insert(at + 1, " ");
  learn(spaced);
  const auto one = shapes_.recognise(kAgent, limits());
  const auto two = shapes_.recognise(spaced, limits());
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->readings.front().layout, two->readings.front().layout);
}

TEST_F(ShapeMemoryTest, AFewLayoutsInTurnAllStayKnown) {
  std::vector<std::string> turns;
  for (const std::string more : {"", ",\"a\":1", ",\"b\":1", ",\"a\":1,\"b\":2"}) {
    turns.push_back(replaced(kAgent, "\"load1\":0.42", "\"load1\":0.42" + more));
    learn(turns.back());
  }
  for (int round = 0; round < 3; ++round) {
    for (const std::string& turn : turns) EXPECT_TRUE(recognises(turn)) << turn;
  }
}

TEST_F(ShapeMemoryTest, ArraysOfManyHostsAreKnownReadingByReading) {
  const std::string other = R"({"ram":1,"cpu":2,"hostname":"old","disk":3,"timestamp":1763884800})";
  learn(kAgent);
  learn(other);
  for (const std::string& body :
       {"[" + kAgent + "," + other + "]", " [ " + other + " ,\n" + kAgent + " ] \r\n", "[" + kAgent + "]",
        " " + other + "\n"}) {
    EXPECT_TRUE(recognises(body)) << body;
    expect_the_same(body);
  }
  for (const std::string& body :
       std::vector<std::string>{"[" + kAgent + "," + other, "[" + kAgent + other + "]", "[" + kAgent + ",]",
                                "[,]", "[]", kAgent + "]", kAgent + kAgent, "[" + kAgent + "]x",
                                "[[" + kAgent + "]]", "\xEF\xBB\xBF" + kAgent}) {
    EXPECT_FALSE(recognises(body)) << body;
    expect_the_same(body);
  }
}

TEST_F(ShapeMemoryTest, AnArrayTeachesTheShapesOfItsReadings) {
  const std::string other = R"({"ram":1,"cpu":2,"hostname":"old","disk":3,"timestamp":1763884800})";
  const std::string with_facts = replaced(kAgent, "\"metrics\"", R"("facts":{"os":"{\"[\\"},"metrics")");
  learn("[" + with_facts + "," + kAgent + " , " + other + "]");
  EXPECT_TRUE(recognises(kAgent));
  EXPECT_TRUE(recognises(other));
  EXPECT_FALSE(recognises(with_facts)) << "what a host says of itself goes by every rule";
}

/// Numbers as strict JSON has them, and as it has not, in every place where one can stand.
TEST_F(ShapeMemoryTest, NumbersMeanTheSameEitherWay) {
  learn(kAgent);
  for (const char* place : {"1763884800", "12.5", "41.0", "0.42", "1834", "-1e-3"}) {
    for (const char* number : {"0",
                               "-0",
                               "-0.0",
                               "1",
                               "100",
                               "100.0000000000000001",
                               "100.1",
                               "-1",
                               "0.1",
                               "1e2",
                               "1E+2",
                               "1e-400",
                               "1e999",
                               "-1e999",
                               "1e18",
                               "1.8e308",
                               "123456789012345678901234567890",
                               "18446744073709551616",
                               "9007199254740993",
                               "0.30000000000000004",
                               "4.9e-324",
                               "2.2250738585072011e-308",
                               "7205759403792793199999e-5",
                               "01",
                               "1.",
                               ".5",
                               "+1",
                               "1e",
                               "1e+",
                               "-",
                               "--1",
                               "0x10",
                               "1_0",
                               "Infinity",
                               "-Infinity",
                               "NaN",
                               "nan",
                               "null",
                               "true",
                               "\"1\"",
                               "[1]",
                               "{}",
                               "1 ",
                               " 1",
                               "1\t",
                               "\xC2\xA0"
                               "1",
                               "1,",
                               "1 2",
                               "",
                               "1763884800",
                               "1763884800.9",
                               "1763885100",
                               "1763885101",
                               "1763280000",
                               "1763279999.99",
                               "17638848000000"}) {
      expect_the_same(replaced(kAgent, place, number));
    }
  }
}

TEST_F(ShapeMemoryTest, NamesOfHostsFollowTheSameRules) {
  learn(kAgent);
  for (const std::string& name :
       {std::string("db-7"), std::string(), std::string("."), std::string(".."), std::string(" a"),
        std::string("a "), std::string("m\xC3\xBCller"), std::string("\\u0061"), std::string("a\\\"b"),
        std::string("a\\"), std::string("\x7f"), std::string("\t"), std::string("\xFF"),
        std::string(253, 'x'), std::string(254, 'x'), std::string("a\"b"),
        std::string("a\",\"cpu\":1,\"x\":\"")}) {
    expect_the_same(replaced(kAgent, "web-1", name));
  }
}

TEST_F(ShapeMemoryTest, WhatDiffersInAnyByteOfItsTextGoesByTheRules) {
  learn(kAgent);
  for (std::size_t at = 0; at < kAgent.size(); ++at) {
    for (const char c : {' ', '"', '0', 'x', '}', ',', '\\', '\n', '\xC3'}) {
      std::string other = kAgent;
      other[at] = c;
      expect_the_same(other);
      other = kAgent;
      other.insert(at, 1, c);
      expect_the_same(other);
    }
    expect_the_same(kAgent.substr(0, at));
    expect_the_same(kAgent + kAgent.substr(at));
  }
}

TEST_F(ShapeMemoryTest, AReadingOfATimeOrHostThatIsNotTakenIsRefusedAsEver) {
  learn(kAgent);
  DecodeLimits strict = limits();
  strict.refuses = [](std::string_view hostname, std::int64_t) {
    return hostname == "web-1" ? "not this one" : nullptr;
  };
  EXPECT_FALSE(shapes_.recognise(kAgent, strict));
  EXPECT_TRUE(is_same(decode_readings(kAgent, strict, &shapes_), decode_readings(kAgent, strict)));
  EXPECT_TRUE(shapes_.recognise(replaced(kAgent, "web-1", "web-2"), strict));
}

TEST_F(ShapeMemoryTest, FieldsThatMeanNothingToUsMayChangeIfTheyAreNumbers) {
  const std::string odd = replaced(kAgent, "\"cpu\"", R"("seq":17,"note":{"a":[1,"}",{"b":null}]},"cpu")");
  learn(odd);
  EXPECT_TRUE(recognises(replaced(odd, ":17,", ":18.25,")));
  EXPECT_TRUE(recognises(odd));
  EXPECT_FALSE(recognises(replaced(odd, "[1,", "[2,")));
  for (const char* number : {"1e999", "01", "\"x\"", "null"}) {
    expect_the_same(replaced(odd, ":17,", ":" + std::string(number) + ","));
  }
}

TEST_F(ShapeMemoryTest, WhatIsNotMetForLongIsForgottenAndMemoryStaysBounded) {
  ShapeMemory small(64UL * 1024);
  const auto body_of = [](int host) {
    return replaced(replaced(kAgent, "web-1", "host-" + std::to_string(host)), "load1",
                    "m" + std::to_string(host));
  };
  for (int host = 0; host < 1000; ++host) {
    decode_readings(body_of(host), limits(), &small);
    EXPECT_LE(small.bytes(), 64UL * 1024);
    EXPECT_TRUE(small.recognise(body_of(host), limits()));
  }
  EXPECT_FALSE(small.recognise(body_of(0), limits()));
  decode_readings(body_of(0), limits(), &small);
  EXPECT_TRUE(small.recognise(body_of(0), limits()));
}

TEST_F(ShapeMemoryTest, WhatTeachesNoShapeTakesNoMemoryForEver) {
  constexpr std::size_t kMost = 64UL * 1024;
  ShapeMemory small(kMost);
  const std::string with_facts = replaced(kAgent, "\"metrics\"", R"("facts":{},"metrics")");
  for (int i = 0; i < 1000; ++i) {
    const std::string one = replaced(with_facts, "load1", "a_name_of_its_own_" + std::to_string(i));
    decode_readings(one, limits(), &small);
    decode_readings("[" + replaced(kAgent, "custom", "another_" + std::to_string(i)) + ",5]", limits(),
                    &small);
    EXPECT_LE(small.bytes(), kMost);
  }
}

TEST_F(ShapeMemoryTest, LayoutsOfTheSameTextWithOtherBordersAreOthers) {
  const std::string front = R"({"hostname":"a","timestamp":1763884800,"cpu":1,"ram":2,"disk":3,"metrics":)";
  for (const char* metrics : {R"({"ab":{"c":1}}})", R"({"a":{"bc":1}}})", R"({"abc":1}})",
                              R"({"a":1,"bc":1}})", R"({"ab":1,"c":1}})"}) {
    learn(front + metrics);
    expect_the_same(front + metrics);
    EXPECT_TRUE(recognises(front + metrics)) << metrics;
  }
}

TEST_F(ShapeMemoryTest, AnEmptyInstanceIsRefusedWhateverStandsBeside) {
  const auto with = [](const char* metrics) {
    return R"({"hostname":"a","timestamp":1763884800,"cpu":1,"ram":2,"disk":3,"metrics":)" +
           std::string(metrics) + "}";
  };
  const std::string bad = with(R"({"q":{"":5}})");
  EXPECT_EQ(decoded("[" + with(R"({"q":4})") + "," + bad + "]").rejected_count, 1U);
  learn("[" + with(R"({"q":4})") + "," + bad + "]");
  EXPECT_FALSE(recognises(bad));
  expect_the_same(bad);
}

TEST_F(ShapeMemoryTest, NumbersTooLargeInFieldsThatMeanNothingAreCountedAsEver) {
  const std::string odd = replaced(kAgent, "\"cpu\"", R"("u":[1e999],"cpu")");
  learn(odd);
  std::string many = "[" + odd;
  for (int i = 0; i < 20; ++i) many += "," + odd;
  expect_the_same(many + "]");
}

TEST_F(ShapeMemoryTest, AHostThatMayNotBeWrittenIsNotRemembered) {
  learn(kAgent);
  const std::size_t before = shapes_.bytes();
  DecodeLimits strict = limits();
  strict.refuses = [](std::string_view, std::int64_t) { return "not this one"; };
  for (int i = 0; i < 100; ++i)
    decode_readings(replaced(kAgent, "web-1", "x" + std::to_string(i)), strict, &shapes_);
  EXPECT_EQ(shapes_.bytes(), before);
}

/// Bodies as agents send them and as nobody does, each decoded by every rule and with one memory for all.
TEST_F(ShapeMemoryTest, NoBodyIsReadDifferentlyForWhatIsRemembered) {
  std::mt19937_64 random(17);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  const std::array<const char*, 14> numbers{"0",     "1",    "99.5", "-3",  "1e2",   "0.1", "01",
                                            "1e999", "-0.0", "100",  "1.5", "12345", ".5",  "1763884800"};
  const std::array<const char*, 6> hosts{"a", "b", "web-1", "..", "x y", "\\u0062"};
  const std::array<const char*, 6> names{"load1", "cpu", "a", "b", "network_receive_bytes_per_second",
                                         "0bad"};
  const auto object = [&](bool is_plain) {
    const auto number = [&] { return std::string(numbers.at(is_plain ? below(3) : below(numbers.size()))); };
    std::string text = R"({"hostname":")" + std::string(hosts.at(is_plain ? below(3) : below(hosts.size()))) +
                       R"(","timestamp":)" + (is_plain ? "1763884800" : number()) + ",\"cpu\":" + number() +
                       ",\"ram\":" + number() + ",\"disk\":" + number();
    if (below(3) == 0) return text + "}";
    text += ",\"metrics\":{";
    const std::size_t count = below(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text += ',';
      text += '"' + std::string(names.at(is_plain ? i : below(names.size()))) + "\":";
      text += below(2) == 0 ? number() : R"({"x":)" + number() + R"(,"y":)" + number() + "}";
    }
    return text + "}}";
  };
  for (int i = 0; i < 20000; ++i) {
    std::string body = object(i % 2 == 0);
    if (below(4) == 0) {
      body = "[" + body;
      for (std::size_t more = below(4); more > 0; --more) body += "," + object(below(4) != 0);
      body += "]";
    }
    if (below(4) == 0) body[below(body.size())] = static_cast<char>(random() % 256);
    if (below(8) == 0) body.insert(below(body.size()), body.substr(below(body.size()), below(20)));
    expect_the_same(body);
  }
}

}  // namespace
}  // namespace hostwatch::protocol::test::shape_memory_test
