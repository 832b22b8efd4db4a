#include "util/text/percent_encoding.h"

#include <gtest/gtest.h>

namespace hostwatch::util {
namespace {

TEST(PercentEncoding, TwoHexadecimalDigitsAreAByte) {
  EXPECT_EQ(percent_decoded("a%2Fb%2fc"), "a/b/c");
  EXPECT_EQ(percent_decoded("%C3%A4"), "ä");
  EXPECT_EQ(percent_decoded("%00"), std::string(1, '\0'));
  EXPECT_EQ(percent_decoded("%"
                            "41"
                            "42"),
            "A42");
}

TEST(PercentEncoding, IsUndoneOnce) {
  EXPECT_EQ(percent_decoded("%2541"), "%41");
  EXPECT_EQ(percent_decoded("%25252F"), "%252F");
}

TEST(PercentEncoding, WhatIsNoneStaysAsItIs) {
  for (const char* text :
       {"", "web-1", "a+b", "%", "%4", "%%", "%zz", "%4z", "%-1", "%+1", "% 1", "%0x", "%u0041"}) {
    EXPECT_EQ(percent_decoded(text), text);
  }
  EXPECT_EQ(percent_decoded("%%41"), "%A");
  EXPECT_EQ(percent_decoded("%4%41"), "%4A");
}

TEST(PercentEncoding, PlusSignsAreBlanksInQueriesAlone) {
  EXPECT_EQ(form_decoded("a+b%2Bc"), "a b+c");
  EXPECT_EQ(percent_decoded("a+b"), "a+b");
}

}  // namespace
}  // namespace hostwatch::util
