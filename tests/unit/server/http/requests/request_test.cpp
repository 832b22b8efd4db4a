#include "server/http/requests/request.h"

#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

TEST(Request, FindsAHeaderWhateverCaseItsNameHas) {
  Request request;
  request.headers.emplace("cOnTent-Type", "application/json");
  EXPECT_EQ(request.get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(request.get_header_value("content-TYPE"), "application/json");
  EXPECT_TRUE(request.has_header("CONTENT-type"));
  EXPECT_EQ(request.headers.count("content-type"), 1U);
}

TEST(Request, GivesTheFirstOfSeveralLinesOfAHeader) {
  Request request;
  request.headers.emplace("Via", "first");
  request.headers.emplace("VIA", "second");
  EXPECT_EQ(request.get_header_value("via"), "first");
  EXPECT_EQ(request.get_header_value("via"), request.headers.find("via")->second);
  EXPECT_EQ(request.get_header_value_count("vIa"), 2U);
}

TEST(Request, HasNoHeaderOfALikeName) {
  Request request;
  request.headers.emplace("Content-Typ", "x");
  request.headers.emplace("Content-Types", "x");
  EXPECT_EQ(request.get_header_value("Content-Type"), "");
  EXPECT_FALSE(request.has_header("Content-Type"));
  EXPECT_EQ(request.get_header_value_count("Content-Type"), 0U);
}

TEST(Request, SaysItsPathWithoutTheQuery) {
  Request request;
  for (const auto& [target, path] :
       {std::pair("/hosts/a%20b?token=secret", "/hosts/a%20b"), {"/health", "/health"}, {"/a#?b", "/a"}}) {
    request.target = target;
    EXPECT_EQ(request.path_as_sent(), path);
  }
}

}  // namespace
}  // namespace hostwatch::http
