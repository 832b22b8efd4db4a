#include "server/alerts/rules/json_document.h"

#include <gmock/gmock.h>

namespace hostwatch::alerts {
namespace {

using testing::HasSubstr;

JsonDocument good_document(std::string_view text) {
  auto read = read_json_document(text);
  if (const auto* fault = std::get_if<JsonFault>(&read)) {
    ADD_FAILURE() << fault->text;
    return {};
  }
  return std::get<JsonDocument>(std::move(read));
}

JsonFault bad_document(std::string_view text) {
  const auto read = read_json_document(text);
  const auto* fault = std::get_if<JsonFault>(&read);
  if (fault == nullptr) ADD_FAILURE() << "was taken";
  return fault == nullptr ? JsonFault{} : *fault;
}

TEST(JsonDocuments, KnowTheLineOfEachValue) {
  const JsonDocument document =
      good_document("{\n \"a\": 1\n,\n \"b\": [\n  true,\n  {\"c\":\n \"x\"}]\n}\n");
  EXPECT_EQ(document.value["b"][1]["c"], "x");
  EXPECT_EQ(document.line_of(""), 1U);
  EXPECT_EQ(document.line_of("a"), 2U) << "what follows a number is read before it is told";
  EXPECT_EQ(document.line_of("b"), 4U);
  EXPECT_EQ(document.line_of("b[0]"), 5U);
  EXPECT_EQ(document.line_of("b[1].c"), 7U);
}

TEST(JsonDocuments, WhatIsMissingStandsWhereItsHolderDoes) {
  const JsonDocument document = good_document("{\n\"b\": [\n{}]}");
  EXPECT_EQ(document.line_of("b[0].metric.x"), 3U);
  EXPECT_EQ(document.line_of("nothing"), 1U);
}

TEST(JsonDocuments, MayHaveCommentsAndAByteOrderMark) {
  const JsonDocument document = good_document("\xEF\xBB\xBF// ours\n/* two\nlines */ [\n1 // one\n]\n");
  EXPECT_EQ(document.value, nlohmann::json::array({1}));
  EXPECT_EQ(document.line_of("[0]"), 4U);
}

TEST(JsonDocuments, ThatAreNoneSayWhere) {
  EXPECT_EQ(bad_document("{\n\"a\": 1,\n}").line, 3U);
  EXPECT_THAT(bad_document("{\n\"a\": 1,\n}").text, HasSubstr("is not JSON"));
  EXPECT_EQ(bad_document("").line, 1U);
  EXPECT_EQ(bad_document("[1]\n[2]").line, 2U) << "one value a file";
  EXPECT_EQ(bad_document("\"\xFF\"").line, 1U);
  EXPECT_EQ(bad_document("[1e999]").line, 1U);
  EXPECT_EQ(bad_document("[/* never").line, 1U);
}

TEST(JsonDocuments, AMemberThatIsThereTwiceIsAMistake) {
  const JsonFault fault = bad_document("{\"for\": 1,\n\"for\": 2}");
  EXPECT_EQ(fault.line, 2U);
  EXPECT_THAT(fault.text, HasSubstr("'for' is there twice"));
}

TEST(JsonDocuments, AreNotNestedWithoutEnd) {
  EXPECT_THAT(bad_document(std::string(100'000, '[')).text, HasSubstr("too many values inside each other"));
}

}  // namespace
}  // namespace hostwatch::alerts
