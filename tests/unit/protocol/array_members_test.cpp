// What becomes of a reading depends on nothing that stands beside it.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/unit/protocol/decode_fixture.h"

namespace hostwatch::protocol::test::array_members_test {
namespace {

/// Makes up readings, good ones and bad ones, of few names, so that neighbours have much in common.
class Made {
 public:
  std::string reading() {
    std::string text = R"({"hostname":")" + one_of(kHosts) + R"(","timestamp":)" +
                       (below(5) == 0 ? one_of(kNumbers) : "1763884800") +
                       ",\"cpu\":" + (below(3) == 0 ? one_of(kNumbers) : "5") + R"(,"ram":5,"disk":6)";
    if (below(5) == 0) text += R"(,"facts":{"os":"x"})";
    if (below(4) == 0) return text + "}";
    text += R"(,"metrics":{)";
    const std::size_t metrics = below(5);
    for (std::size_t i = 0; i < metrics; ++i) text += (i == 0 ? "" : ",") + metric();
    return text + "}}";
  }
  std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }

 private:
  static constexpr std::array kNumbers{"0",     "1",    "99.5", "-3",  "1e2",   "0.1",   "7",
                                       "1e300", "-0.0", "100",  "1.5", "12345", "2e301", "1763884800"};
  static constexpr std::array kHosts{"a", "b", "web-1", "..", "x y", "\\u0062"};
  static constexpr std::array kNames{"load1", "cpu", "a", "b", "network_receive_bytes_per_second",
                                     "0bad",  "c"};
  static constexpr std::array kInstances{"x", "y", "", "eth0", "\\u0078"};

  template <typename Texts>
  std::string one_of(const Texts& texts) {
    return texts.at(below(texts.size()));
  }
  std::string metric() {
    std::string text = '"' + one_of(kNames) + "\":";
    if (below(2) == 0) return text + one_of(kNumbers);
    text += '{';
    const std::size_t instances = below(4);
    for (std::size_t i = 0; i < instances; ++i) {
      text += (i == 0 ? "\"" : ",\"") + one_of(kInstances) + "\":" + one_of(kNumbers);
    }
    return text + "}";
  }

  std::mt19937_64 random_{99};
};

TEST(ArrayMembers, AreTakenOrRefusedAsEachIsAlone) {
  Made made;
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::string> members(1 + made.below(5));
    std::string body;
    for (std::string& member : members) {
      member = made.reading();
      body += (body.empty() ? "[" : ",") + member;
    }
    const DecodedReadings together = decoded(body + "]");
    std::size_t taken = 0;
    std::size_t refused = 0;
    for (std::size_t k = 0; k < members.size(); ++k) {
      const DecodedReadings alone = decoded(members[k]);
      if (alone.readings.size() == 1) {
        ASSERT_LT(taken, together.readings.size()) << body;
        EXPECT_EQ(together.readings[taken++], alone.readings[0]) << body;
      } else {
        ASSERT_LT(refused, together.rejected.size()) << body;
        EXPECT_EQ(together.rejected[refused].index, k) << body;
        EXPECT_EQ(together.rejected[refused++].error, alone.rejected[0].error) << body;
      }
    }
  }
}

}  // namespace
}  // namespace hostwatch::protocol::test::array_members_test
