// What the sender of readings is told.
#include "server/api/readings/readings_body.h"

#include <gtest/gtest.h>

namespace hostwatch::api {
namespace {

TEST(AcceptedAnswer, TellsWhatBecameOfEachReading) {
  storage::AppendResult result;
  result.accepted = 3;
  result.duplicates = 2;
  EXPECT_EQ(accepted_answer(result, {}).body, R"({"status":"ok","accepted":3,"duplicates":2})");
  result.conflicts = 1;
  result.lost = 4;
  EXPECT_EQ(accepted_answer(result, {}).body,
            R"({"status":"ok","accepted":3,"duplicates":2,"conflicts":1,"lost":4})");
}

TEST(AcceptedAnswer, NamesSeriesThatWereLeftOutWhoeverLeftThemOut) {
  storage::AppendResult result;
  result.accepted = 1;
  result.refused_series = {"queue_length{\"b\"}", "jobs"};
  EXPECT_EQ(accepted_answer(result, {}).body,
            R"({"status":"ok","accepted":1,"duplicates":0,"refused_series":["jobs","queue_length{\"b\"}"]})");
  protocol::DecodedReadings decoded;
  decoded.surplus = {{"web-1", "jobs"}, {"web-1", "a"}};
  EXPECT_EQ(
      accepted_answer(result, decoded).body,
      R"({"status":"ok","accepted":1,"duplicates":0,"refused_series":["a","jobs","queue_length{\"b\"}"]})");
}

}  // namespace
}  // namespace hostwatch::api
