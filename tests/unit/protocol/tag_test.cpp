#include "protocol/tag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::protocol {
namespace {

using ::testing::HasSubstr;

Tag good(std::string_view text) {
  const auto parsed = parse_tag(text);
  if (const auto* why = std::get_if<std::string>(&parsed)) {
    ADD_FAILURE() << text << ": " << *why;
    return {};
  }
  return std::get<Tag>(parsed);
}

std::string refused(std::string_view text) {
  const auto parsed = parse_tag(text);
  const auto* why = std::get_if<std::string>(&parsed);
  return why != nullptr ? *why : "taken";
}

TEST(Tag, IsAKeyAnEqualsSignAndAValue) {
  EXPECT_EQ(good("role=db"), (Tag{"role", "db"}));
  EXPECT_EQ(good("R2-d_2.x=1"), (Tag{"R2-d_2.x", "1"}));
  EXPECT_EQ(good("owner=Jos\xC3\xA9 & co"), (Tag{"owner", "Jos\xC3\xA9 & co"}));
  EXPECT_EQ(good("a=b=c"), (Tag{"a", "b=c"})) << "the first equals sign ends the key";
}

TEST(Tag, HasAKeyOfAtMost63AndAValueOfAtMost200Bytes) {
  const std::string key(63, 'k');
  const std::string value(200, 'v');
  EXPECT_EQ(good(key + "=" + value), (Tag{key, value}));
  EXPECT_THAT(refused(key + "k=v"), HasSubstr("at most 63"));
  EXPECT_THAT(refused("k=" + value + "v"), HasSubstr("at most 200 bytes"));
}

TEST(Tag, OfAnotherFormIsRefusedWithWhatIsRight) {
  EXPECT_EQ(refused(""), "must be KEY=VALUE");
  EXPECT_EQ(refused("role"), "must be KEY=VALUE");
  const std::string key =
      "must be KEY=VALUE: the key must be a letter, then letters, digits, _, - and ., at most 63";
  for (const char* text :
       {"=db", "1st=db", "-x=db", "_x=db", "ro le=db", " role=db", "r\xC3\xB6le=db", "a/b=db"}) {
    EXPECT_EQ(refused(text), key) << text;
  }
  EXPECT_EQ(refused("role="), "must be KEY=VALUE: the value must not be empty");
  EXPECT_EQ(refused("role=db,web"), "must be KEY=VALUE: the value must not contain a comma");
  EXPECT_EQ(refused("role= db"), "must be KEY=VALUE: the value must not begin with a blank");
  EXPECT_EQ(refused("role=\xFF"), "must be KEY=VALUE: the value must be valid UTF-8");
  EXPECT_THAT(refused("role=d\nb"), HasSubstr("must not contain control"));
}

}  // namespace
}  // namespace hostwatch::protocol
