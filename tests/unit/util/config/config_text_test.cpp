// What the text of a configuration file means, whatever wrote it.
#include "util/config/config_text.h"

#include <gmock/gmock.h>

namespace hostwatch::util {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Form = ConfigOption::Form;

std::vector<ConfigOption> read(std::string_view text) {
  auto result = read_config_text(text);
  if (const auto* wrong = std::get_if<std::string>(&result)) {
    ADD_FAILURE() << *wrong;
    return {};
  }
  return std::get<std::vector<ConfigOption>>(result);
}

std::string wrong(std::string_view text) {
  auto result = read_config_text(text);
  const auto* said = std::get_if<std::string>(&result);
  if (said == nullptr) ADD_FAILURE() << "taken: " << text;
  return said == nullptr ? "" : *said;
}

ConfigOption bare(const char* name, const char* value, std::size_t line = 1) {
  return {name, {value}, Form::bare, line};
}
ConfigOption quoted(const char* name, std::vector<std::string> values, std::size_t line = 1) {
  return {name, std::move(values), Form::quoted, line};
}

TEST(ConfigText, NamesAndValues) {
  EXPECT_THAT(read("# a comment\n; another\n\n port = 5000 \nguest\n--listen=::\n"),
              ElementsAre(bare("port", "5000", 4), ConfigOption{"guest", {}, Form::none, 5},
                          bare("listen", "::", 6)));
  EXPECT_THAT(read(""), ElementsAre());
  EXPECT_THAT(read("a = b"), ElementsAre(bare("a", "b"))) << "without an end of line";
  EXPECT_THAT(read("[default]\na ="), ElementsAre(bare("a", "", 2)));
  EXPECT_THAT(read("a = b = c"), ElementsAre(bare("a", "b = c")));
}

TEST(ConfigText, MarksAndEndsOfLinesOfEditors) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a = b\r\n\xEF\xBB\xBF"
                   "c = \"d\"\r\n"),
              ElementsAre(bare("a", "b"), quoted("c", {"d"}, 2)));
  EXPECT_THAT(wrong("\xFF\xFE"
                    "a\0"),
              HasSubstr("UTF-16"));
  EXPECT_THAT(wrong(std::string_view("a = b\0c", 7)), HasSubstr("zero byte"));
}

TEST(ConfigText, CommentsBeginBehindABlankAndNotWithinQuotes) {
  EXPECT_THAT(read("a = 10 ; comment\nb = 10 # comment\nc = \"x # y ; z\" # comment\nd = 'a#b'\ne = a;b\n"),
              ElementsAre(bare("a", "10"), bare("b", "10", 2), quoted("c", {"x # y ; z"}, 3),
                          quoted("d", {"a#b"}, 4), bare("e", "a;b", 5)));
}

TEST(ConfigText, InQuotesEveryByteStandsForItself) {
  EXPECT_THAT(read("a = 'C:\\n'\nb = \"\"\nc = \"it's\"\nd = 'say \"so\"'\n"),
              ElementsAre(quoted("a", {"C:\\n"}), quoted("b", {""}, 2), quoted("c", {"it's"}, 3),
                          quoted("d", {"say \"so\""}, 4)));
}

TEST(ConfigText, ListsMayTakeSeveralLines) {
  EXPECT_THAT(read("a = [x, \"y, z\", 'w']\nb = [ # two\n  x,\n  y # the second\n]\nc = []\n"),
              ElementsAre(quoted("a", {"x", "y, z", "w"}), quoted("b", {"x", "y"}, 2), quoted("c", {}, 6)));
}

TEST(ConfigText, WhatMeansDifferentThingsIsRefusedWithItsLineAndWithoutItsValue) {
  for (const auto& [text, why] : std::vector<std::pair<const char*, const char*>>{
           {"\na = s3cret#b\n", "line 2: a # within a value"},
           {"a = \"s3cret\\n\"\n", "line 1: a backslash within double quotes"},
           {"a = \"s3cret\n", "line 1: the quote is not closed"},
           {"a = \"s3cret\" b\n", "more behind the value of 'a'"},
           {"a = \"\"\"s3cret\"\"\"\n", "more behind the value of 'a'"},
           {"a = `s3cret`\n", "back quotes"},
           {"a = [s3cret\n", "the bracket is not closed"},
           {"a = ['b' s3cret]\n", "line 1"},
           {"a = ['s3cret' 'b']\n", "a comma is missing"},
           {"a = [,s3cret]\n", "a comma without a value"},
           {"a = [s3cret] b\n", "more behind"},
           {"[s3cret]\n", "no sections"},
           {"s3cret and more\n", "not of the form"},
           {"= s3cret\n", "not of the form"}}) {
    EXPECT_THAT(wrong(text), HasSubstr(why)) << text;
    EXPECT_THAT(wrong(text), Not(HasSubstr("s3cret"))) << text;
  }
}

}  // namespace
}  // namespace hostwatch::util
