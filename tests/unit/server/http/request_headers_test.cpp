#include "server/http/request_headers.h"

#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

TEST(HeaderValue, IsFoundWhateverCaseItsNameHas) {
  Request request;
  request.headers.emplace("cOnTent-Type", "application/json");
  EXPECT_EQ(header_value(request, "Content-Type"), "application/json");
  EXPECT_EQ(header_value(request, "content-TYPE"), "application/json");
}

TEST(HeaderValue, IsTheOneThatTheLibraryGivesWhereThereAreSeveralLines) {
  Request request;
  request.headers.emplace("Via", "first");
  request.headers.emplace("VIA", "second");
  EXPECT_EQ(header_value(request, "via"), request.get_header_value("via"));
}

TEST(HeaderValue, IsEmptyWhereThereIsNone) {
  Request request;
  request.headers.emplace("Content-Typ", "x");
  request.headers.emplace("Content-Types", "x");
  EXPECT_EQ(header_value(request, "Content-Type"), "");
}

}  // namespace
}  // namespace hostwatch::http
