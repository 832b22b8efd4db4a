#include "util/gzip.h"

#include <gtest/gtest.h>

#include <string>

namespace hostwatch::util {
namespace {

std::optional<std::string> inflate(std::string_view compressed, InflateError& error,
                                   std::size_t limit = 1000000) {
  error = InflateError::too_large;
  return inflate_gzip(compressed, limit, error);
}

std::string noise(std::size_t size) {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < size) text += static_cast<char>((state = state * 1664525 + 1013904223) >> 24U);
  return text;
}

TEST(Gzip, RoundTrip) {
  InflateError error{};
  for (const std::string& text : {std::string(), std::string("a"), std::string(300000, 'a'), noise(200000)}) {
    for (const int level : {1, 6, 9}) EXPECT_EQ(inflate(deflate_gzip(text, level), error), text);
  }
}

TEST(Gzip, TheLimitIsExact) {
  InflateError error{};
  const std::string compressed = deflate_gzip(std::string(100000, 'a'), 9);
  EXPECT_TRUE(inflate(compressed, error, 100000));
  error = InflateError::damaged;
  EXPECT_FALSE(inflate_gzip(compressed, 99999, error));
  EXPECT_EQ(error, InflateError::too_large);
}

TEST(Gzip, ABombIsNotInflated) {
  InflateError error{};
  const std::string bomb = deflate_gzip(std::string(64UL * 1024 * 1024, '\0'), 9);
  ASSERT_LT(bomb.size(), 100000U);
  error = InflateError::damaged;
  EXPECT_FALSE(inflate_gzip(bomb, 1000, error));
  EXPECT_EQ(error, InflateError::too_large);
}

TEST(Gzip, CutOffAnywhereIsDamaged) {
  const std::string compressed = deflate_gzip("hello hello hello hello", 6);
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    InflateError error{};
    EXPECT_FALSE(inflate(std::string_view(compressed).substr(0, size), error)) << size;
    EXPECT_EQ(error, InflateError::damaged);
  }
}

TEST(Gzip, OneMemberAndNothingElse) {
  InflateError error{};
  const std::string member = deflate_gzip("{}", 6);
  for (const std::string& bytes : {member + "x", member + member, "x" + member, std::string("{}"),
                                   std::string("\x1F\x8B"), std::string("\x78\x9C\x03\0\0\0\0\x01", 8)}) {
    EXPECT_FALSE(inflate(bytes, error));
    EXPECT_EQ(error, InflateError::damaged);
  }
}

TEST(Gzip, AWrongChecksumIsDamaged) {
  InflateError error{};
  std::string compressed = deflate_gzip("hello", 6);
  compressed[compressed.size() - 8] = static_cast<char>(compressed[compressed.size() - 8] ^ 1);
  EXPECT_FALSE(inflate(compressed, error));
  EXPECT_EQ(error, InflateError::damaged);
}

}  // namespace
}  // namespace hostwatch::util
