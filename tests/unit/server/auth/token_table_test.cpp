#include "server/auth/token_table.h"

#include <gmock/gmock.h>

namespace hostwatch::auth {
namespace {

Token token_of(std::int64_t id, const std::string& host) {
  Token token;
  token.id = id;
  token.host = host;
  return token;
}

TEST(TokenTable, FindsByDigestNumberAndHost) {
  TokenTable table;
  table.put(digest_of("a"), token_of(1, "web-1"));
  table.put(digest_of("b"), token_of(2, "web-1"));
  table.put(digest_of("c"), token_of(3, ""));
  ASSERT_NE(table.find(digest_of("a")), nullptr);
  EXPECT_EQ(table.find(digest_of("a"))->id, 1);
  EXPECT_EQ(table.find(digest_of("d")), nullptr);
  EXPECT_THAT(table.of_host("web-1"), testing::UnorderedElementsAre(digest_of("a"), digest_of("b")));
  EXPECT_THAT(table.of_host(""), testing::IsEmpty()) << "tokens of no host are of none";
  EXPECT_EQ(table.hosts(), 1U);
}

TEST(TokenTable, WhatIsErasedIsNowhere) {
  TokenTable table;
  table.put(digest_of("a"), token_of(1, "web-1"));
  table.put(digest_of("b"), token_of(2, "web-1"));
  table.erase(1);
  EXPECT_EQ(table.find(digest_of("a")), nullptr);
  EXPECT_THAT(table.of_host("web-1"), testing::ElementsAre(digest_of("b")));
  table.erase(digest_of("b"));
  EXPECT_FALSE(table.has_host("web-1"));
  EXPECT_EQ(table.hosts(), 0U);
  table.erase(2);
  table.erase(digest_of("b"));
  EXPECT_TRUE(table.all().empty());
}

TEST(TokenTable, WhatIsPutAgainTakesThePlaceOfWhatWasThere) {
  TokenTable table;
  table.put(digest_of("a"), token_of(1, "web-1"));
  table.put(digest_of("a"), token_of(2, "web-2"));
  EXPECT_FALSE(table.has_host("web-1"));
  table.erase(1);
  EXPECT_NE(table.find(digest_of("a")), nullptr);
}

}  // namespace
}  // namespace hostwatch::auth
