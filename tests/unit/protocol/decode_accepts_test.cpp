// What must be taken, and what comes out of it.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/unit/protocol/decode_fixture.h"

namespace hostwatch::protocol::test::decode_accepts_test {
namespace {

using testing::ElementsAre;

Reading with_cpu(const std::string& json) {
  Text text;
  text.cpu = json;
  return one(text.text());
}
Reading with_hostname(const std::string& name) {
  Text text;
  text.hostname = "\"" + name + "\"";
  return one(text.text());
}
Reading with_timestamp(const std::string& json) {
  Text text;
  text.timestamp = json;
  return one(text.text());
}
Reading with_more(const std::string& members) {
  Text text;
  text.more = members;
  return one(text.text());
}

TEST(DecodeAccepts, TheFiveFieldsAreAFullReading) {
  Reading expected;
  expected.hostname = "web-1";
  expected.timestamp = 1763884800;
  expected.cpu = 12.5;
  expected.ram = 41;
  expected.disk = 73.2;
  EXPECT_EQ(one(Text().text()), expected);
  EXPECT_EQ(one("\xEF\xBB\xBF" + Text().text()), expected) << "a byte order mark is passed over";
  EXPECT_EQ(one(" \r\n\t" + Text().text() + "\n"), expected);
  EXPECT_EQ(one(R"({"disk":73.2,"ram":41,"cpu":12.5,"timestamp":1763884800,"hostname":"web-1"})"), expected);
}

TEST(DecodeAccepts, TheReadingOfTheContract) {
  const Reading reading = one(
      R"({"hostname": "web-1", "timestamp": 1763884800, "cpu": 12.5, "ram": 41.0, "disk": 73.2,
          "metrics": {"load1": 0.42, "network_receive_bytes_per_second": {"eth0": 1834.0, "lo": 12.0}}})");
  EXPECT_THAT(reading.samples,
              ElementsAre(Sample{"load1", "", 0.42}, Sample{"network_receive_bytes_per_second", "eth0", 1834},
                          Sample{"network_receive_bytes_per_second", "lo", 12}));
  EXPECT_FALSE(reading.facts);
}

TEST(DecodeAccepts, TheEndsOfTheRanges) {
  EXPECT_EQ(with_cpu("0").cpu, 0);
  EXPECT_EQ(with_cpu("100").cpu, 100);
  EXPECT_EQ(with_cpu("100.0").cpu, 100);
  EXPECT_EQ(with_cpu("1e2").cpu, 100);
  EXPECT_EQ(with_cpu("1e-320").cpu, 1e-320);
  EXPECT_EQ(with_cpu("1e-999").cpu, 0);
  EXPECT_FALSE(std::signbit(with_cpu("-0.0").cpu));
  EXPECT_FALSE(std::signbit(with_cpu("-0").cpu));
}

TEST(DecodeAccepts, TimestampsWithinTheWindow) {
  EXPECT_EQ(with_timestamp("1763885100").timestamp, kNow + 300);
  EXPECT_EQ(with_timestamp("1763280000").timestamp, kNow - 7 * 86400);
  EXPECT_EQ(with_timestamp("1.7638848e9").timestamp, kNow);
  EXPECT_EQ(with_timestamp("1763884800.987").timestamp, kNow) << "time.time() of a small client";
  EXPECT_EQ(with_timestamp("1763885100.5").timestamp, kNow + 300);
}

TEST(DecodeAccepts, HostNamesThatAreData) {
  for (const char* name :
       {"a", "web-1.example.com", "web 1", "<img src=x onerror=alert(1)>", "' OR 1=1 --", "../../etc/passwd",
        "${jndi:ldap://x}", "=cmd()", "%2F%00", "\xE6\xA9\x9F\xE6\xA2\xB0", "\xF0\x9F\x96\xA5",
        "stra\xC3\x9F"
        "e"}) {
    EXPECT_EQ(with_hostname(name).hostname, name);
  }
  EXPECT_EQ(with_hostname("a\\/b\\\\c\\\"").hostname, "a/b\\c\"");
  EXPECT_EQ(with_hostname("\\ud83d\\udda5").hostname, "\xF0\x9F\x96\xA5");
  EXPECT_EQ(with_hostname(std::string(253, 'a')).hostname, std::string(253, 'a'));
}

TEST(DecodeAccepts, UnknownFieldsOfAnyShape) {
  const Reading plain = one(Text().text());
  for (const char* member :
       {R"(,"x":1)", R"(,"x":null)", R"(,"x":true)", R"(,"x":"text")", R"(,"x":[])", R"(,"x":{})",
        R"(,"x":[1,[2,[3,{"cpu":4}]],null])", R"(,"x":{"cpu":101,"hostname":5,"metrics":{"load1":"x"}})",
        R"(,"x":1,"x":2)", R"(,"":0)", R"(,"x":{"a":{"b":[{"c":[true]}]}})", R"(,"x":1e999)"}) {
    SCOPED_TRACE(member);
    EXPECT_EQ(with_more(member), plain);
  }
  EXPECT_EQ(one(R"({"x":[[{}]],"hostname":"web-1","y":{"a":[]},"timestamp":1763884800,"cpu":12.5,)"
                R"("ram":41,"z":null,"disk":73.2})"),
            plain);
}

TEST(DecodeAccepts, MetricsOfAllForms) {
  EXPECT_TRUE(with_more(R"(,"metrics":{})").samples.empty());
  EXPECT_TRUE(with_more(R"(,"metrics":{"a":{}})").samples.empty());
  EXPECT_THAT(with_more(R"(,"metrics":{"queue_length":-5.5,"_x9":1e300,"Z":-0.0})").samples,
              ElementsAre(Sample{"queue_length", "", -5.5}, Sample{"_x9", "", 1e300}, Sample{"Z", "", 0}));
  EXPECT_THAT(with_more(R"(,"metrics":{"a":{"x":1},"b":{"x":2}})").samples,
              ElementsAre(Sample{"a", "x", 1}, Sample{"b", "x", 2}));
  EXPECT_THAT(with_more(R"(,"metrics":{"filesystem_used_percent":{"/":0,"/mnt/a b":100}})").samples,
              ElementsAre(Sample{"filesystem_used_percent", "/", 0},
                          Sample{"filesystem_used_percent", "/mnt/a b", 100}));
  const std::string long_name(100, 'm');
  const std::string long_instance(200, 'i');
  EXPECT_THAT(with_more(",\"metrics\":{\"" + long_name + "\":{\"" + long_instance + "\":1}}").samples,
              ElementsAre(Sample{long_name, long_instance, 1}));
}

TEST(DecodeAccepts, FactsAndThoseOfLaterAgents) {
  const Reading reading = with_more(
      R"(,"facts":{"os":"Debian","kernel":"6.1","architecture":"x86_64","cpu_model":"EPYC","cpu_cores":4,)"
      R"("memory_bytes":8589934592,"agent_version":"0.1.0","boot_time":1763800000,"interval_seconds":10,"tags":{},)"
      R"("new_text":"x","new_number":1e300,"new_flag":true,"new_null":null,"new_list":[1,{"os":2}],)"
      R"("new_object":{"cpu_cores":"x"}})");
  HostFacts expected{"Debian", "6.1", "x86_64", "EPYC", 4, 8589934592, "0.1.0", 1763800000, 10, {}};
  ASSERT_TRUE(reading.facts);
  EXPECT_EQ(*reading.facts, expected);
  ASSERT_TRUE(with_more(R"(,"facts":{})").facts);
  EXPECT_EQ(*with_more(R"(,"facts":{})").facts, HostFacts{});
}

TEST(DecodeAccepts, TextOfFactsIsMadePrintableAndShort) {
  const Reading reading =
      with_more(",\"facts\":{\"os\":\" a\\u0000\\u202eb \",\"cpu_model\":\"" + std::string(300, 'c') + "\"}");
  ASSERT_TRUE(reading.facts);
  EXPECT_EQ(reading.facts->os,
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(reading.facts->cpu_model, std::string(200, 'c'));
}

TEST(DecodeAccepts, Tags) {
  EXPECT_EQ(with_more(R"(,"facts":{"tags":{"role":"db","site":"fra 1"},"os":"x"})").facts,
            (HostFacts{"x", "", "", "", 0, 0, "", 0, 0, {{"role", "db"}, {"site", "fra 1"}}}));
  std::string most;
  for (int i = 0; i < 16; ++i) most += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"v\"";
  EXPECT_EQ(with_more(",\"facts\":{\"tags\":{" + most + "}}").facts->tags.size(), 16U);
}

TEST(DecodeAccepts, RepeatedInstances) {
  const auto facts =
      with_more(R"(,"facts":{"repeated_interfaces":["bond0","br0","br0"],"repeated_disks":[],"os":"x"})")
          .facts;
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->repeated_interfaces, (RepeatedInstances{"bond0", "br0"}));
  EXPECT_EQ(facts->repeated_disks, RepeatedInstances());
  EXPECT_EQ(facts->os, "x") << "what follows a list is read on";
  EXPECT_FALSE(with_more(R"(,"facts":{"os":"x"})").facts->repeated_disks) << "nobody said so";

  std::string most;
  for (int i = 0; i < 128; ++i) most += (i == 0 ? "\"d" : ",\"d") + std::to_string(i) + '"';
  EXPECT_EQ(with_more(",\"facts\":{\"repeated_disks\":[" + most + ",\"d0\"]}").facts->repeated_disks->size(),
            128U);
  EXPECT_TRUE(with_more(",\"facts\":{\"repeated_disks\":[\"" + std::string(64, 'd') + "\"]}").facts);
}

TEST(DecodeAccepts, OneReadingInAnArray) {
  const DecodedReadings result = decoded("[" + Text().text() + "]");
  EXPECT_TRUE(result.is_array);
  EXPECT_THAT(result.readings, ElementsAre(received(one(Text().text()))));
}

TEST(DecodeAccepts, NothingOfOneReadingPassesToTheNext) {
  Text first;
  first.more = R"(,"metrics":{"load1":1},"facts":{"os":"x"})";
  const DecodedReadings result =
      decoded("[" + first.text() + R"(,{"hostname":"b","cpu":1},)" + good("c") + "]");
  ASSERT_EQ(result.readings.size(), 2U);
  EXPECT_TRUE(result.readings[1].values.empty());
  EXPECT_FALSE(result.readings[1].facts);
  ASSERT_EQ(result.rejected.size(), 1U);
  EXPECT_EQ(result.rejected.front().error, "timestamp is missing");
}

}  // namespace
}  // namespace hostwatch::protocol::test::decode_accepts_test
