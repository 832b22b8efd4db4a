#include "server/auth/secret.h"

#include <gmock/gmock.h>

#include <set>

#include "server/auth/password.h"

namespace hostwatch::auth {
namespace {

constexpr ScryptCost kCheap{4, 8, 1};

TEST(Secret, IsTwoHundredAndFiftySixRandomBitsInLettersThatFitAHeader) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string secret = new_secret(kTokenPrefix);
    EXPECT_THAT(secret, testing::MatchesRegex("hw_[A-Za-z0-9_-]+"));
    EXPECT_EQ(secret.size(), 3U + 43U);
    EXPECT_TRUE(seen.insert(secret).second);
  }
}

TEST(Secret, Base64UrlIsThatOfTheRfc) {  // RFC 4648, section 10, with the letters of section 5
  const auto encode = [](std::string_view text) {
    return base64url(reinterpret_cast<const unsigned char*>(text.data()), text.size());
  };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg");
  EXPECT_EQ(encode("fo"), "Zm8");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foob"), "Zm9vYg");
  EXPECT_EQ(encode("\xFB\xFF"), "-_8");
}

TEST(Secret, TheDigestIsSha256) {  // FIPS 180-2, appendix B.1
  const Digest digest = digest_of("abc");
  EXPECT_EQ(base64url(digest.data(), digest.size()), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

TEST(Secret, TheKeyedDigestIsHmacSha256) {  // RFC 4231, section 4.3
  EXPECT_EQ(keyed_digest("Jefe", "what do ya want for nothing?"),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM");
  EXPECT_NE(keyed_digest("Jefe", "a"), keyed_digest("Jefe", "b"));
  EXPECT_NE(keyed_digest("a", "x"), keyed_digest("b", "x"));
}

TEST(Secret, OnlyTheSameIsTheSame) {
  EXPECT_TRUE(is_same_secret("abc", "abc"));
  EXPECT_FALSE(is_same_secret("abc", "abd"));
  EXPECT_FALSE(is_same_secret("abc", "abcd"));
  EXPECT_FALSE(is_same_secret("", "a"));
}

TEST(Password, MatchesItsOwnHashAlone) {
  const std::string hash = hash_password("correct horse battery", kCheap);
  EXPECT_TRUE(matches_password("correct horse battery", hash));
  EXPECT_FALSE(matches_password("correct horse batterz", hash));
  EXPECT_FALSE(matches_password("", hash));
}

TEST(Password, IsSaltedSoThatTheSameOneNeverLooksTheSame) {
  EXPECT_NE(hash_password("the same again", kCheap), hash_password("the same again", kCheap));
}

TEST(Password, TheDefaultCostIsWrittenDownBesideTheHash) {
  const std::string hash = hash_password("0123456789");
  EXPECT_THAT(hash, testing::StartsWith("$scrypt$ln=15,r=8,p=3$"));
  EXPECT_TRUE(matches_password("0123456789", hash));
}

TEST(Password, ADamagedHashMatchesNothing) {
  const std::string good = hash_password("0123456789", kCheap);
  for (const std::string& bad :
       {std::string(), std::string("$scrypt$"), std::string("$argon2id$x"), good.substr(0, good.size() - 1),
        std::string("$scrypt$ln=99,r=8,p=1$a$b"), std::string("$scrypt$ln=4,r=99999,p=1$a$b"),
        std::string("$scrypt$ln=4,r=8,p=-1$a$b"), std::string("$scrypt$ln=4,r=8,p=1$nohash")}) {
    EXPECT_FALSE(matches_password("0123456789", bad)) << bad;
  }
}

TEST(Password, NothingMatchesWhatStandsForAnUnknownUser) {
  EXPECT_FALSE(matches_password("", unmatched_hash(kCheap)));
  EXPECT_FALSE(matches_password("0123456789", unmatched_hash(kCheap)));
}

TEST(Password, IsTenCharactersAtLeast) {
  EXPECT_TRUE(why_not_password("012345678").has_value());
  EXPECT_FALSE(why_not_password("0123456789").has_value());
  EXPECT_FALSE(why_not_password(std::string(1024, 'x')).has_value());
  EXPECT_TRUE(why_not_password("ääääääääa").has_value()) << "nine characters of 17 bytes";
  EXPECT_FALSE(why_not_password("ääääääääab").has_value()) << "ten characters";
  EXPECT_TRUE(why_not_password(std::string(1025, 'x')).has_value());
}

}  // namespace
}  // namespace hostwatch::auth
