#include "util/text/text.h"

#include <gtest/gtest.h>

#include <string>

namespace hostwatch::util {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

TEST(Text, PlainTextIsPrintable) {
  for (const char* text : {"", "a", "a b", "<b>&\"'\\", "\xC3\xA4", "\xE6\xA9\x9F", "\xF0\x9F\x96\xA5",
                           "a\xC2\xA0"
                           "b",
                           "e\xCC\x81", "\xEF\xBF\xBD"}) {
    EXPECT_FALSE(util::why_not_printable(text)) << text;
  }
}

TEST(Text, InvalidUtf8IsNot) {
  for (const char* text :
       {"\x80", "a\xFF", "\xC3", "\xC3(", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xE2\x82", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_EQ(util::why_not_printable(text), "must be valid UTF-8");
  }
}

TEST(Text, WhatCannotBeSeenIsNot) {
  for (const char* text : {"\x01",
                           "\n",
                           "\t",
                           "\x7F",
                           "\xC2\x80",
                           "\xC2\x9F",
                           "\xC2\xAD",
                           "\xD8\x9C",
                           "\xE2\x80\x8B",
                           "\xE2\x80\x8F",
                           "\xE2\x80\xA8",
                           "\xE2\x80\xAE",
                           "\xE2\x81\xA6",
                           "\xE2\x81\xA9",
                           "\xE3\x85\xA4",
                           "\xEE\x80\x80",
                           "\xEF\xB8\x8F",
                           "\xEF\xBB\xBF",
                           "\xEF\xBF\xBE",
                           "\xF3\xA0\x81\x81",
                           "\xCD\x8F",      // U+034F combining grapheme joiner
                           "\xE1\x85\x9F",  // U+115F and U+1160, Hangul fillers
                           "\xE1\x85\xA0",
                           "\xE2\xA0\x80",      // U+2800 braille blank
                           "\xEF\xBE\xA0",      // U+FFA0 halfwidth Hangul filler
                           "\xEF\xBF\xBC",      // U+FFFC object replacement
                           "\xF0\x96\xBF\xA4",  // U+16FE4 Khitan filler
                           "\xF0\x9D\x85\x99",  // U+1D159 null notehead
                           "\xF0\x9F\xBF\xBE",  // U+1FFFE, no character
                           "\xF3\xA0\x84\x80",  // U+E0100 variation selector
                           "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(util::why_not_printable("a" + std::string(text) + "b"),
              "must not contain control, bidirectional or invisible characters");
  }
  EXPECT_TRUE(util::why_not_printable(std::string_view("a\0b", 3)));
}

TEST(Text, BlanksAtTheEndsAreNot) {
  for (const std::string blank :
       {" ", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    // U+202F is among the bidirectional block's neighbours, not one of them.
    EXPECT_EQ(util::why_not_printable(blank + "a"), "must not begin with a blank") << blank;
    EXPECT_EQ(util::why_not_printable("a" + blank), "must not end with a blank") << blank;
    EXPECT_FALSE(util::why_not_printable("a" + blank + "b")) << blank;
  }
}

TEST(Text, MakePrintableReplacesTrimsAndCuts) {
  EXPECT_EQ(util::make_printable("plain", 100), "plain");
  EXPECT_EQ(util::make_printable("  a b \xE3\x80\x80", 100), "a b");
  EXPECT_EQ(util::make_printable(std::string_view("a\0\nb", 4), 100),
            "a" + std::string(kReplacement) + kReplacement + "b");
  EXPECT_EQ(util::make_printable("\xFF", 100), kReplacement);
  EXPECT_EQ(util::make_printable("", 100), "");
  EXPECT_EQ(util::make_printable("   ", 100), "");
  EXPECT_EQ(util::make_printable("abc", 0), "");
  EXPECT_EQ(util::make_printable("a\xC3\xA4", 2), "a") << "never half a character";
  EXPECT_EQ(util::make_printable("ab cd", 3), "ab") << "a blank at the cut goes as well";
}

TEST(Text, MakePrintableAlwaysGivesPrintableText) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += static_cast<char>((i * 7919 + i / 256) % 256);
  for (std::size_t size = 0; size < 64; ++size) {
    for (std::size_t offset = 0; offset < 500; offset += 7) {
      const std::string text = util::make_printable(std::string_view(bytes).substr(offset, 80), size);
      EXPECT_LE(text.size(), size);
      EXPECT_FALSE(util::why_not_printable(text));
    }
  }
}

TEST(Text, AByteOrderMarkStandsAtTheBeginningAlone) {
  EXPECT_EQ(util::without_byte_order_mark("\xEF\xBB\xBF"
                                          "a"),
            "a");
  EXPECT_EQ(util::without_byte_order_mark("a\xEF\xBB\xBF"), "a\xEF\xBB\xBF");
  EXPECT_EQ(util::without_byte_order_mark("\xEF\xBB"), "\xEF\xBB");
  EXPECT_EQ(util::without_byte_order_mark(""), "");
}

TEST(Text, SecretsOfAddressesAreNotShown) {
  EXPECT_EQ(util::without_url_secrets("http://anna:secret@server/metrics"), "http://***@server/metrics");
  EXPECT_EQ(util::without_url_secrets("'http://a:p/w?@x@server/': wrong"), "'http://***@server/': wrong");
  EXPECT_EQ(util::without_url_secrets("a@b://c"), "a@b://c");
  EXPECT_EQ(util::without_url_secrets("http://server/metrics"), "http://server/metrics");
  EXPECT_EQ(util::without_url_secrets(""), "");
}

}  // namespace
}  // namespace hostwatch::util
