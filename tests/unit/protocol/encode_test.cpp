#include "protocol/encode.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "protocol/catalogue.h"
#include "tests/unit/protocol/decode_fixture.h"
#include "util/text/json_text.h"

namespace hostwatch::protocol::test {
namespace {

/// Makes readings that keep every rule of the contract, strange ones among them.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Reading reading() {
    Reading reading;
    reading.hostname = name();
    reading.timestamp = kNow - static_cast<std::int64_t>(below(600000));
    reading.cpu = percent();
    reading.ram = percent();
    reading.disk = percent();
    const std::size_t metrics = below(6);
    for (std::size_t i = 0; i < metrics; ++i) add_metric(reading, i);
    if (below(2) == 0) reading.facts = facts();
    return reading;
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  double percent() {
    switch (below(4)) {
      case 0:
        return 0;
      case 1:
        return 100;
      case 2:
        return round_to(std::uniform_real_distribution<double>(0, 100)(random_), 1);
      default:
        return std::uniform_real_distribution<double>(0, 100)(random_);
    }
  }
  double any_number() {
    constexpr std::array<double, 8> kOdd{0, -1.5, 1e300, -1e300, 5e-324, 9007199254740993.0, 0.1, 1e-300};
    return below(2) == 0 ? kOdd.at(below(kOdd.size())) : std::normal_distribution<double>(0, 1e6)(random_);
  }
  std::string name() {
    constexpr std::array<const char*, 9> kPieces{
        "a", "web-1", "\"", "\\", "<b>", "\xC3\xA4", "\xF0\x9F\x96\xA5", "\xEF\xBF\xBD", "/"};
    std::string text;
    const std::size_t count = 1 + below(5);
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0 && below(3) == 0) text += ' ';
      text += kPieces.at(below(kPieces.size()));
    }
    return text;
  }
  void add_metric(Reading& reading, std::size_t number) {
    const std::string metric = "custom_" + std::to_string(number);
    const std::size_t instances = below(4);
    if (instances == 0) reading.samples.push_back({metric, "", any_number()});
    for (std::size_t i = 0; i < instances; ++i) {
      reading.samples.push_back({metric, name() + std::to_string(i), any_number()});
    }
  }
  HostFacts facts() {
    Tags tags;
    for (std::size_t i = below(4); i > 0; --i) tags.emplace("key-" + std::to_string(i), name());
    return {name(),
            name(),
            "",
            name(),
            static_cast<std::int64_t>(below(256)),
            std::int64_t{1} << below(53),
            "0.1.0",
            kNow,
            10,
            tags,
            repeated(),
            repeated()};
  }
  std::optional<RepeatedInstances> repeated() {
    if (below(2) == 0) return std::nullopt;
    RepeatedInstances names;
    for (std::size_t i = below(4); i > 0; --i) names.insert(name());
    return names;
  }

  std::mt19937 random_;
};

TEST(Encode, WhatIsEncodedIsDecodedTheSame) {
  std::random_device device;
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t seed = device();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Generator generator(seed);
    const Reading reading = generator.reading();
    const std::string text = encode_reading(reading);
    SCOPED_TRACE(text);
    ASSERT_EQ(one(text), reading);
    ASSERT_EQ(nlohmann::json::parse(text)["hostname"], reading.hostname);

    std::vector<Reading> readings;
    for (std::size_t i = 0; i < 5; ++i) readings.push_back(generator.reading());
    ASSERT_EQ(decoded(encode_readings(readings)).readings, received(readings));
  }
}

TEST(Encode, NoReadingsAreAnEmptyArray) {
  EXPECT_EQ(encode_readings({}), "[]");
}

TEST(Encode, TheFiveFieldsAlone) {
  Reading reading;
  reading.hostname = "web-1";
  reading.timestamp = 1763884800;
  reading.cpu = 12.5;
  EXPECT_EQ(encode_reading(reading),
            R"({"hostname":"web-1","timestamp":1763884800,"cpu":12.5,"ram":0,"disk":0})");
}

TEST(Encode, SamplesOfOneMetricAreWrittenTogether) {
  Reading reading;
  reading.hostname = "a";
  reading.samples = {{"x", "1", 1}, {"y", "", 2}, {"x", "2", 3}};
  EXPECT_THAT(encode_reading(reading), testing::HasSubstr(R"("metrics":{"x":{"1":1,"2":3},"y":2}})"));
}

TEST(Encode, ValuesThatAreNotFiniteAreLeftOut) {
  Reading reading;
  reading.hostname = "a";
  reading.samples = {{"x", "1", std::nan("")}, {"x", "2", 1}, {"y", "", HUGE_VAL}};
  EXPECT_THAT(encode_reading(reading), testing::HasSubstr(R"("metrics":{"x":{"2":1}}})"));
  reading.samples = {{"y", "", -HUGE_VAL}};
  EXPECT_THAT(encode_reading(reading), testing::Not(testing::HasSubstr("metrics")));
}

TEST(JsonNumber, IsNullWhereJsonHasNoNumber) {
  std::string out;
  for (const double value : {1e300, std::nan(""), HUGE_VAL, -HUGE_VAL, -0.5}) {
    util::append_json_number(out, value);
    out += ' ';
  }
  EXPECT_EQ(out, "1e+300 null null null -0.5 ");
}

TEST(Encode, TextThatIsNotUtf8IsRepaired) {
  Reading reading;
  reading.hostname = "a\xFFz";
  reading.samples = {{"fs", "/\xE4", 1}};
  reading.facts = HostFacts{};
  reading.facts->os = "\x80";
  const nlohmann::json json = nlohmann::json::parse(encode_reading(reading));
  EXPECT_EQ(json["hostname"], "a\xEF\xBF\xBDz");
  EXPECT_EQ(json["metrics"]["fs"]["/\xEF\xBF\xBD"], 1);
  EXPECT_EQ(json["facts"]["os"], "\xEF\xBF\xBD");
}

TEST(Encode, FactsThatAreNotKnownAreLeftOut) {
  EXPECT_EQ(facts_json(HostFacts{}), "{}");
  HostFacts facts;
  facts.cpu_cores = 4;
  facts.os = "Debian";
  EXPECT_EQ(facts_json(facts), R"({"cpu_cores":4,"os":"Debian"})");
  EXPECT_EQ(facts_from_json(facts_json(facts)), facts);
}

TEST(Encode, TagsAreAnObjectOfTexts) {
  HostFacts facts;
  facts.tags = {{"role", "db"}, {"site", "fra"}};
  EXPECT_EQ(facts_json(facts), R"({"tags":{"role":"db","site":"fra"}})");
  EXPECT_EQ(facts_from_json(facts_json(facts)), facts);
}

TEST(Encode, RepeatedInstancesAreLists) {
  HostFacts facts;
  facts.repeated_interfaces = {"br0", "bond0"};
  facts.repeated_disks.emplace();
  const std::string json = R"({"repeated_disks":[],"repeated_interfaces":["bond0","br0"]})";
  EXPECT_EQ(facts_json(facts), json);
  EXPECT_EQ(facts_from_json(json), facts);
  EXPECT_NE(facts, HostFacts()) << "no repeated disks is not the same as nobody knows";
}

TEST(Encode, StoredRepeatedInstancesOfWrongTypesArePassedOver) {
  HostFacts expected;
  expected.repeated_disks = {"dm-0"};
  EXPECT_EQ(
      facts_from_json(R"({"repeated_disks":["dm-0",1,null,["x"],{"y":"z"}],"repeated_interfaces":"br0"})"),
      expected);
  std::string many = R"({"repeated_disks":["a")";
  for (int i = 0; i < 500; ++i) many += ",\"" + std::to_string(i) + '"';
  EXPECT_EQ(facts_from_json(many + "]}")->repeated_disks->size(), kMostRepeated);
}

TEST(Encode, StoredFactsOfWrongTypesArePassedOver) {
  const std::string json =
      R"({"os":5,"kernel":"6","cpu_cores":"4","memory_bytes":1.5,"boot_time":null,"more":[]})";
  HostFacts expected;
  expected.kernel = "6";
  EXPECT_EQ(facts_from_json(json), expected);
  EXPECT_EQ(facts_from_json("{}"), HostFacts{});
  HostFacts tagged;
  tagged.tags = {{"role", "db"}};
  EXPECT_EQ(facts_from_json(R"({"tags":{"role":"db","n":1,"o":{}}})"), tagged);
  EXPECT_EQ(facts_from_json(R"({"tags":["role"]})"), HostFacts{});
}

TEST(JsonText, StringsReadBackTheSame) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  for (const std::string& text : {std::string(), std::string("plain"), std::string("\"\\/\b\n"), all,
                                  std::string("\xC3\xA4\xF0\x9F\x96\xA5")}) {
    std::string out = "before";
    util::append_json_string(out, text);
    EXPECT_EQ(nlohmann::json::parse(out.substr(6)), text);
  }
}

TEST(JsonText, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
  std::string out;
  util::append_json_string(out, "a\xFF");
  EXPECT_EQ(out, "\"a\xEF\xBF\xBD\"");
}

TEST(JsonText, NumbersReadBackTheSameAndAreShort) {
  const auto text = [](double value) {
    std::string out;
    util::append_json_number(out, value);
    return out;
  };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(100), "100");
  EXPECT_EQ(text(-2.5), "-2.5");
  for (const double value : {1e300, 5e-324, -1.7976931348623157e308, 0.1 + 0.2, 9007199254740993.0, 1e21}) {
    EXPECT_EQ(nlohmann::json::parse(text(value)).get<double>(), value) << text(value);
  }
}

}  // namespace
}  // namespace hostwatch::protocol::test
