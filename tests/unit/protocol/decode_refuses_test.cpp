// Each bad reading by itself and between good neighbours, with the exact text of its refusal.
#include "tests/unit/protocol/decode_fixture.h"

namespace hostwatch::protocol::test::decode_refuses_test {
namespace {

struct BadReading {
  const char* name;
  std::string text;
  std::string error;
};

std::ostream& operator<<(std::ostream& out, const BadReading& bad) {
  return out << bad.name;
}

std::string with_hostname(const std::string& json) {
  Text text;
  text.hostname = json;
  return text.text();
}
std::string with_timestamp(const std::string& json) {
  Text text;
  text.timestamp = json;
  return text.text();
}
std::string with_cpu(const std::string& json) {
  Text text;
  text.cpu = json;
  return text.text();
}
std::string with_ram(const std::string& json) {
  Text text;
  text.ram = json;
  return text.text();
}
std::string with_disk(const std::string& json) {
  Text text;
  text.disk = json;
  return text.text();
}
std::string with_metrics(const std::string& json) {
  Text text;
  text.more = ",\"metrics\":" + json;
  return text.text();
}
std::string with_facts(const std::string& json) {
  Text text;
  text.more = ",\"facts\":" + json;
  return text.text();
}
std::string with_more(const std::string& members) {
  Text text;
  text.more = members;
  return text.text();
}
std::string without(const std::string& member) {
  std::string text = Text().text();
  const std::size_t begin = text.find("\"" + member + "\"");
  const std::size_t comma = text.find(',', begin);
  if (comma == std::string::npos) {
    text.erase(begin - 1, text.size() - begin);
  } else {
    text.erase(begin, comma + 1 - begin);
  }
  return text;
}

const std::string kInvisible = "hostname must not contain control, bidirectional or invisible characters";
const std::string kMetricName =
    ": a metric's name is a letter or underscore, then letters, digits and underscores, at most 100";

class BadReadings : public testing::TestWithParam<BadReading> {};

TEST_P(BadReadings, IsRefusedByItself) {
  const DecodedReadings result = decoded(GetParam().text);
  EXPECT_FALSE(result.is_array);
  EXPECT_TRUE(result.readings.empty());
  ASSERT_EQ(result.rejected.size(), 1U) << GetParam().text;
  EXPECT_EQ(result.rejected_count, 1U);
  EXPECT_EQ(result.rejected.front().index, 0U);
  EXPECT_EQ(result.rejected.front().error, GetParam().error);
}

TEST_P(BadReadings, DoesNotPoisonItsNeighbours) {
  const std::string body = "[" + good("first") + "," + GetParam().text + " , " + good("last") + "]";
  const DecodedReadings result = decoded(body);
  EXPECT_TRUE(result.is_array);
  ASSERT_EQ(result.readings.size(), 2U);
  EXPECT_EQ(with_names(result.readings[0]), one(good("first")));
  EXPECT_EQ(with_names(result.readings[1]), one(good("last")));
  ASSERT_EQ(result.rejected.size(), 1U);
  EXPECT_EQ(result.rejected_count, 1U);
  EXPECT_EQ(result.rejected.front().index, 1U);
  EXPECT_EQ(result.rejected.front().error, GetParam().error);
}

std::string name_of(const testing::TestParamInfo<BadReading>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Required, BadReadings,
    testing::Values(
        BadReading{"Empty", "{}", "hostname is missing"},
        BadReading{"NoHostname", without("hostname"), "hostname is missing"},
        BadReading{"NoTimestamp", without("timestamp"), "timestamp is missing"},
        BadReading{"NoCpu", without("cpu"), "cpu is missing"},
        BadReading{"NoRam", without("ram"), "ram is missing"},
        BadReading{"NoDisk", without("disk"), "disk is missing"},
        BadReading{"NamesDifferInCase", R"({"Hostname":"a","TIMESTAMP":1})", "hostname is missing"},
        BadReading{"HostnameTwice", with_more(R"(,"hostname":"web-2")"), "hostname appears twice"},
        BadReading{"TimestampTwice", with_more(",\"timestamp\":1763884800"), "timestamp appears twice"},
        BadReading{"CpuTwice", with_more(",\"cpu\":12.5"), "cpu appears twice"},
        BadReading{"DiskTwiceByEscape", with_more(",\"d\\u0069sk\":1"), "disk appears twice"},
        BadReading{"MetricsTwice", with_more(R"(,"metrics":{},"metrics":{})"), "metrics appears twice"},
        BadReading{"FactsTwice", with_more(R"(,"facts":{},"facts":{})"), "facts appears twice"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Types, BadReadings,
    testing::Values(
        BadReading{"CpuText", with_cpu("\"12\""), "cpu must be a number, not a text"},
        BadReading{"CpuNaNText", with_cpu("\"NaN\""), "cpu must be a number, not a text"},
        BadReading{"CpuTrue", with_cpu("true"), "cpu must be a number, not a boolean"},
        BadReading{"CpuFalse", with_cpu("false"), "cpu must be a number, not a boolean"},
        BadReading{"CpuNull", with_cpu("null"), "cpu must be a number, not null"},
        BadReading{"CpuArray", with_cpu("[12.5]"), "cpu must be a number, not an array"},
        BadReading{"CpuNestedArray", with_cpu("[[1,[2]],{\"a\":[]}]"), "cpu must be a number, not an array"},
        BadReading{"CpuObject", with_cpu(R"({"cpu":{"hostname":1}})"), "cpu must be a number, not an object"},
        BadReading{"RamText", with_ram("\"\""), "ram must be a number, not a text"},
        BadReading{"RamNull", with_ram("null"), "ram must be a number, not null"},
        BadReading{"DiskTrue", with_disk("true"), "disk must be a number, not a boolean"},
        BadReading{"DiskObject", with_disk("{}"), "disk must be a number, not an object"},
        BadReading{"TimestampText", with_timestamp("\"1763884800\""),
                   "timestamp must be a number, not a text"},
        BadReading{"TimestampNull", with_timestamp("null"), "timestamp must be a number, not null"},
        BadReading{"TimestampTrue", with_timestamp("true"), "timestamp must be a number, not a boolean"},
        BadReading{"TimestampArray", with_timestamp("[]"), "timestamp must be a number, not an array"},
        BadReading{"HostnameNumber", with_hostname("5"), "hostname must be a text, not a number"},
        BadReading{"HostnameFloat", with_hostname("1.5"), "hostname must be a text, not a number"},
        BadReading{"HostnameNull", with_hostname("null"), "hostname must be a text, not null"},
        BadReading{"HostnameTrue", with_hostname("true"), "hostname must be a text, not a boolean"},
        BadReading{"HostnameArray", with_hostname("[\"a\"]"), "hostname must be a text, not an array"},
        BadReading{"HostnameObject", with_hostname("{\"a\":1}"), "hostname must be a text, not an object"},
        BadReading{"MetricsNumber", with_metrics("1"), "metrics must be an object, not a number"},
        BadReading{"MetricsNull", with_metrics("null"), "metrics must be an object, not null"},
        BadReading{"MetricsText", with_metrics("\"load1\""), "metrics must be an object, not a text"},
        BadReading{"MetricsTrue", with_metrics("true"), "metrics must be an object, not a boolean"},
        BadReading{"MetricsArray", with_metrics("[{\"load1\":1}]"),
                   "metrics must be an object, not an array"},
        BadReading{"FactsNumber", with_facts("1"), "facts must be an object, not a number"},
        BadReading{"FactsArray", with_facts("[1]"), "facts must be an object, not an array"},
        BadReading{"FactsNull", with_facts("null"), "facts must be an object, not null"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Ranges, BadReadings,
    testing::Values(BadReading{"CpuBelow", with_cpu("-0.1"), "cpu must be from 0 to 100"},
                    BadReading{"CpuAbove", with_cpu("100.1"), "cpu must be from 0 to 100"},
                    BadReading{"RamBelow", with_ram("-1"), "ram must be from 0 to 100"},
                    BadReading{"DiskAbove", with_disk("100.00000000000002"), "disk must be from 0 to 100"},
                    BadReading{"CpuHuge", with_cpu("1e300"), "cpu must be from 0 to 100"},
                    BadReading{"CpuPast64Bits", with_cpu("99999999999999999999999999"),
                               "cpu must be from 0 to 100"},
                    BadReading{"CpuPastDoubles", with_cpu("1e999"),
                               "cpu must be a number, not null or a number too large"},
                    BadReading{"RamPastDoublesBelow", with_ram("-1e999"),
                               "ram must be a number, not null or a number too large"},
                    BadReading{"DiskFourHundredDigits", with_disk(std::string(400, '9')),
                               "disk must be a number, not null or a number too large"},
                    BadReading{"HostnamePastDoubles", with_hostname("1e999"),
                               "hostname must be a text, not null or a number too large"},
                    BadReading{"MetricPastDoubles", with_metrics("{\"queue\":1e999}"),
                               "metrics.queue must be a number, not null or a number too large"},
                    BadReading{"TimestampPastDoubles", with_timestamp("1e999"),
                               "timestamp must be a number, not null or a number too large"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Timestamps, BadReadings,
    testing::Values(
        BadReading{"Milliseconds", with_timestamp("1763884800000"),
                   "timestamp is out of range: it must be Unix time in seconds (not milliseconds)"},
        BadReading{"Past64Bits", with_timestamp("1e25"),
                   "timestamp is out of range: it must be Unix time in seconds (not milliseconds)"},
        BadReading{"Ahead", with_timestamp("1763885101"),
                   "timestamp is 301 s ahead of the server's clock, at most 300 s are taken; set the host's "
                   "clock"},
        BadReading{"AnHourAhead", with_timestamp("1763888400"),
                   "timestamp is 3600 s ahead of the server's clock, at most 300 s are taken; set the "
                   "host's clock"},
        BadReading{"TooOld", with_timestamp("1763279999"),
                   "timestamp is older than readings are kept (604800 s)"},
        BadReading{"Zero", with_timestamp("0"), "timestamp is older than readings are kept (604800 s)"},
        BadReading{"Negative", with_timestamp("-1763884800"),
                   "timestamp is older than readings are kept (604800 s)"},
        BadReading{"HugeNegative", with_timestamp("-1e300"),
                   "timestamp is older than readings are kept (604800 s)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Hostnames, BadReadings,
    testing::Values(BadReading{"Empty", with_hostname("\"\""), "hostname must not be empty"},
                    BadReading{"TooLong", with_hostname("\"" + std::string(254, 'a') + "\""),
                               "hostname must be at most 253 bytes long"},
                    BadReading{"TooLongInBytes", with_hostname("\"" + std::string(252, 'a') + "\\u00e4\""),
                               "hostname must be at most 253 bytes long"},
                    BadReading{"BlankFirst", with_hostname("\" a\""), "hostname must not begin with a blank"},
                    BadReading{"BlankLast", with_hostname("\"a \""), "hostname must not end with a blank"},
                    BadReading{"BlankAlone", with_hostname("\" \""), "hostname must not begin with a blank"},
                    BadReading{"NoBreakSpaceLast", with_hostname("\"a\\u00a0\""),
                               "hostname must not end with a blank"},
                    BadReading{"IdeographicSpaceFirst", with_hostname("\"\\u3000a\""),
                               "hostname must not begin with a blank"},
                    BadReading{"Nul", with_hostname("\"a\\u0000b\""), kInvisible},
                    BadReading{"LineFeed", with_hostname("\"a\\nb\""), kInvisible},
                    BadReading{"TabLast", with_hostname("\"a\\t\""), kInvisible},
                    BadReading{"Escape", with_hostname("\"\\u001b[2J\""), kInvisible},
                    BadReading{"Delete", with_hostname("\"a\\u007f\""), kInvisible},
                    BadReading{"ControlC1", with_hostname("\"a\\u0085b\""), kInvisible},
                    BadReading{"RightToLeftOverride", with_hostname("\"a\\u202eb\""), kInvisible},
                    BadReading{"Isolate", with_hostname("\"a\\u2066b\""), kInvisible},
                    BadReading{"ZeroWidthSpace", with_hostname("\"a\\u200bb\""), kInvisible},
                    BadReading{"ZeroWidthJoiner", with_hostname("\"a\\u200db\""), kInvisible},
                    BadReading{"ByteOrderMark", with_hostname("\"\\ufeffa\""), kInvisible},
                    BadReading{"SoftHyphen", with_hostname("\"a\\u00adb\""), kInvisible},
                    BadReading{"LineSeparator", with_hostname("\"a\\u2028b\""), kInvisible},
                    BadReading{"TagCharacter", with_hostname("\"a\\udb40\\udc41\""), kInvisible},
                    BadReading{"Noncharacter", with_hostname("\"a\\uffff\""), kInvisible}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Metrics, BadReadings,
    testing::Values(
        BadReading{"Text", with_metrics(R"({"load1":"1"})"), "metrics.load1 must be a number, not a text"},
        BadReading{"Null", with_metrics(R"({"load1":null})"), "metrics.load1 must be a number, not null"},
        BadReading{"True", with_metrics(R"({"load1":true})"),
                   "metrics.load1 must be a number, not a boolean"},
        BadReading{"Array", with_metrics(R"({"load1":[1]})"), "metrics.load1 must be a number, not an array"},
        BadReading{"InstanceText", with_metrics(R"({"a":{"b":"c"}})"),
                   "metrics.a{b} must be a number, not a text"},
        BadReading{"InstanceNull", with_metrics(R"({"a":{"b":null}})"),
                   "metrics.a{b} must be a number, not null"},
        BadReading{"InstanceObject", with_metrics(R"({"a":{"b":{"c":1}},"d":1})"),
                   "metrics.a{b} must be a number, not an object"},
        BadReading{"InstanceArray", with_metrics(R"({"a":{"b":[1,{}],"c":1}})"),
                   "metrics.a{b} must be a number, not an array"},
        BadReading{"NameEmpty", with_metrics(R"({"":1})"), "metrics." + kMetricName},
        BadReading{"NameDigitFirst", with_metrics(R"({"1m":1})"), "metrics.1m" + kMetricName},
        BadReading{"NameDash", with_metrics(R"({"a-b":1})"), "metrics.a-b" + kMetricName},
        BadReading{"NameColon", with_metrics(R"({"a:b":{"x":1}})"), "metrics.a:b" + kMetricName},
        BadReading{"NameLetterBeyondAscii", with_metrics("{\"\\u00e4\":1}"),
                   "metrics.\xC3\xA4" + kMetricName},
        BadReading{"NameControl", with_metrics("{\"a\\u0000\":1}"), "metrics.a\xEF\xBF\xBD" + kMetricName},
        BadReading{"NameLong", with_metrics("{\"" + std::string(101, 'm') + "\":1}"),
                   "metrics." + std::string(100, 'm') + kMetricName},
        BadReading{"InstanceEmpty", with_metrics(R"({"a":{"":1}})"),
                   "metrics.a: the instance's name must not be empty"},
        BadReading{"InstanceLong", with_metrics("{\"a\":{\"" + std::string(201, 'i') + "\":1}}"),
                   "metrics.a: the instance's name must be at most 200 bytes long"},
        BadReading{"InstanceControl", with_metrics("{\"a\":{\"x\\n\":1}}"),
                   "metrics.a: the instance's name must not contain control, bidirectional or invisible "
                   "characters"},
        BadReading{"Twice", with_metrics(R"({"load1":1,"load5":1,"load1":1})"),
                   "metrics.load1 appears twice"},
        BadReading{"TwiceInTwoForms", with_metrics(R"({"a":1,"a":{"x":1}})"), "metrics.a appears twice"},
        BadReading{"InstanceTwice", with_metrics(R"({"a":{"x":1,"y":2,"x":3}})"),
                   "metrics.a{x} appears twice"},
        BadReading{"BelowItsRange", with_metrics(R"({"load1":-0.01})"), "metrics.load1 is out of range"},
        BadReading{"AboveItsRange", with_metrics(R"({"cpu_core_percent":{"0":100.5}})"),
                   "metrics.cpu_core_percent{0} is out of range"},
        BadReading{"BytesBelowZero", with_metrics(R"({"memory_total_bytes":-1})"),
                   "metrics.memory_total_bytes is out of range"},
        BadReading{"BytesAbsurd", with_metrics(R"({"memory_total_bytes":1e19})"),
                   "metrics.memory_total_bytes is out of range"},
        BadReading{"OwnAboveItsRange", with_metrics(R"({"queue":1.1e300})"),
                   "metrics.queue is out of range (-1e300 to 1e300)"},
        BadReading{"OwnBelowItsRange", with_metrics(R"({"queue":{"mail":-1.5e308}})"),
                   "metrics.queue{mail} is out of range (-1e300 to 1e300)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Facts, BadReadings,
                         testing::Values(BadReading{"CoresText", with_facts(R"({"cpu_cores":"4"})"),
                                                    "facts.cpu_cores has the wrong type (a text)"},
                                         BadReading{"CoresNull", with_facts(R"({"cpu_cores":null})"),
                                                    "facts.cpu_cores has the wrong type (null)"},
                                         BadReading{"CoresNegative", with_facts(R"({"cpu_cores":-1})"),
                                                    "facts.cpu_cores is out of range"},
                                         BadReading{"MemoryAbsurd", with_facts(R"({"memory_bytes":1e300})"),
                                                    "facts.memory_bytes is out of range"},
                                         BadReading{"OsNumber", with_facts(R"({"os":12})"),
                                                    "facts.os has the wrong type (a number)"},
                                         BadReading{"OsObject", with_facts(R"({"os":{"name":"Debian"}})"),
                                                    "facts.os has the wrong type (an object)"},
                                         BadReading{"KernelArray", with_facts(R"({"kernel":["6"]})"),
                                                    "facts.kernel has the wrong type (an array)"},
                                         BadReading{"BootTrue", with_facts(R"({"boot_time":true})"),
                                                    "facts.boot_time has the wrong type (a boolean)"}),
                         name_of);

std::string with_tags(const std::string& json) {
  return with_facts("{\"tags\":" + json + "}");
}

std::string seventeen_tags() {
  std::string json = R"({"k0":"v")";
  for (int i = 1; i < 17; ++i) json += ",\"k" + std::to_string(i) + "\":\"v\"";
  return json + "}";
}

const std::string kTagKey = ": a tag's key must be a letter, then letters, digits, _, - and ., at most 63";

INSTANTIATE_TEST_SUITE_P(
    Tags, BadReadings,
    testing::Values(
        BadReading{"Text", with_tags(R"("role=db")"), "facts.tags has the wrong type (a text)"},
        BadReading{"Number", with_tags("1"), "facts.tags has the wrong type (a number)"},
        BadReading{"Array", with_tags(R"(["role=db"])"), "facts.tags has the wrong type (an array)"},
        BadReading{"Null", with_tags("null"), "facts.tags has the wrong type (null)"},
        BadReading{"ValueNumber", with_tags(R"({"role":1})"), "facts.tags.role must be a text, not a number"},
        BadReading{"ValueTrue", with_tags(R"({"role":true})"),
                   "facts.tags.role must be a text, not a boolean"},
        BadReading{"ValueObject", with_tags(R"({"role":{"a":"b"}})"),
                   "facts.tags.role must be a text, not an object"},
        BadReading{"ValueArray", with_tags(R"({"role":["db"]})"),
                   "facts.tags.role must be a text, not an array"},
        BadReading{"ValueEmpty", with_tags(R"({"role":""})"), "facts.tags.role must not be empty"},
        BadReading{"ValueComma", with_tags(R"({"role":"a,b"})"), "facts.tags.role must not contain a comma"},
        BadReading{"ValueBlank", with_tags(R"({"role":"a "})"), "facts.tags.role must not end with a blank"},
        BadReading{"ValueLong", with_tags("{\"role\":\"" + std::string(201, 'v') + "\"}"),
                   "facts.tags.role must be at most 200 bytes long"},
        BadReading{"KeyEmpty", with_tags(R"({"":"db"})"), "facts.tags." + kTagKey},
        BadReading{"KeyDigit", with_tags(R"({"1a":"db"})"), "facts.tags.1a" + kTagKey},
        BadReading{"KeyLong", with_tags("{\"" + std::string(64, 'k') + "\":\"v\"}"),
                   "facts.tags." + std::string(64, 'k') + kTagKey},
        BadReading{"KeyTwice", with_tags(R"({"role":"db","role":"db"})"), "facts.tags.role appears twice"},
        BadReading{"TooMany", with_tags(seventeen_tags()), "facts.tags has too many: a host may have 16"}),
    name_of);

std::string with_repeated(const std::string& json) {
  return with_facts("{\"repeated_disks\":" + json + "}");
}

std::string too_many_repeated() {
  std::string json = R"(["d")";
  for (int i = 0; i < 128; ++i) json += ",\"" + std::to_string(i) + '"';
  return json + "]";
}

INSTANTIATE_TEST_SUITE_P(
    RepeatedInstances, BadReadings,
    testing::Values(
        BadReading{"Text", with_repeated(R"("dm-0")"), "facts.repeated_disks has the wrong type (a text)"},
        BadReading{"Object", with_repeated(R"({"dm-0":"sda"})"),
                   "facts.repeated_disks has the wrong type (an object)"},
        BadReading{"Null", with_repeated("null"), "facts.repeated_disks has the wrong type (null)"},
        BadReading{"NameNumber", with_repeated("[1]"), "facts.repeated_disks must be a text, not a number"},
        BadReading{"NameList", with_repeated(R"([["dm-0"]])"),
                   "facts.repeated_disks must be a text, not an array"},
        BadReading{"NameObject", with_repeated(R"([{"dm-0":1}])"),
                   "facts.repeated_disks must be a text, not an object"},
        BadReading{"NameEmpty", with_repeated(R"([""])"), "facts.repeated_disks: a name must not be empty"},
        BadReading{
            "NameUnprintable", with_repeated(R"(["a\u0000"])"),
            "facts.repeated_disks: a name must not contain control, bidirectional or invisible characters"},
        BadReading{"NameLong", with_repeated("[\"" + std::string(65, 'd') + "\"]"),
                   "facts.repeated_disks: a name must be at most 64 bytes long"},
        BadReading{"TooMany", with_repeated(too_many_repeated()),
                   "facts.repeated_disks has too many: at most 128 names"}),
    name_of);

}  // namespace
}  // namespace hostwatch::protocol::test::decode_refuses_test
