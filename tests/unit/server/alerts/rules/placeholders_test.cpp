#include "server/alerts/rules/placeholders.h"

#include <gtest/gtest.h>

namespace hostwatch::alerts {
namespace {

PlaceholderValues all() {
  return {.host = "web-1",
          .instance = "/var",
          .value = "97.4 %",
          .limit = "97 %",
          .since = "02:10",
          .tags = {{"role", "db"}}};
}

TEST(Placeholders, AreReplacedByWhatTheyStandFor) {
  EXPECT_EQ(replace_placeholders("{host}:{instance} {value} > {limit} since {since}, {tag.role}", all()),
            "web-1:/var 97.4 % > 97 % since 02:10, db");
}

TEST(Placeholders, ThatNobodyKnowsStayVisible) {
  EXPECT_EQ(replace_placeholders("{tag.site} {colour} {} {Host}", all()), "{tag.site} {colour} {} {Host}");
  EXPECT_EQ(replace_placeholders("on {instance}", {.host = "web-1"}), "on {instance}");
}

TEST(Placeholders, BracesThatAreNoneStayAsTheyAre) {
  EXPECT_EQ(replace_placeholders("awk '{print $1}' {host", all()), "awk '{print $1}' {host");
  EXPECT_EQ(replace_placeholders("{{host}}", all()), "{web-1}");
  EXPECT_EQ(replace_placeholders("}{", all()), "}{");
}

TEST(Placeholders, WhatIsPutInIsNotLookedAtAgain) {
  PlaceholderValues values = all();
  values.host = "{value}";
  EXPECT_EQ(replace_placeholders("{host}", values), "{value}");
}

TEST(Placeholders, TextStaysBoundedAndWholeCharacters) {
  PlaceholderValues values = all();
  values.host = std::string(1000, 'x');
  std::string text;
  for (int i = 0; i < 100; ++i) text += "{host}";
  EXPECT_EQ(replace_placeholders(text, values, 2500).size(), 2500U);
  EXPECT_EQ(replace_placeholders("ab\xC3\xBC", all(), 3), "ab");
}

}  // namespace
}  // namespace hostwatch::alerts
