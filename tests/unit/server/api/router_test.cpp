// Which address leads to which route, and what stands in it.
#include "server/api/router.h"

#include <gtest/gtest.h>

#include <set>

namespace hostwatch::api {
namespace {

/// As the HTTP server hands it on: the target as it was sent, its path decoded.
http::Request request(const std::string& method, const std::string& target, const std::string& path) {
  http::Request made;
  made.method = method;
  made.target = target;
  made.path = path;
  return made;
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const Handler handler = [](const Call&) { return Reply::later(); };
    for (const auto& [method, pattern] :
         {std::pair{"GET", "/hosts"}, std::pair{"DELETE", "/hosts"}, std::pair{"DELETE", "/hosts/{name}"},
          std::pair{"POST", "/hosts/{name}/clean"}, std::pair{"POST", "/metrics"},
          std::pair{"GET", "/shelves/{shelf}/books/{book}"}}) {
      router_.add(method, pattern, Permission::read, handler);
    }
  }

  /// The parameter of an address that is there; "(404)" or the like if it is not.
  std::string parameter(const std::string& method, const std::string& target,
                        const std::string& name = "name") const {
    const auto found = router_.find(request(method, target, ""));
    if (const auto* refusal = std::get_if<http::Response>(&found)) {
      return "(" + std::to_string(refusal->status) + ")";
    }
    return std::get<Router::Match>(found).path.at(name);
  }
  int status(const std::string& method, const std::string& target, const std::string& path) const {
    const auto found = router_.find(request(method, target, path));
    const auto* refusal = std::get_if<http::Response>(&found);
    return refusal == nullptr ? 200 : refusal->status;
  }

  Router router_;
};

TEST_F(RouterTest, AParameterIsOneSegmentDecodedOnce) {
  EXPECT_EQ(parameter("DELETE", "/hosts/web-1"), "web-1");
  EXPECT_EQ(parameter("DELETE", "/hosts/a%2Fb"), "a/b");
  EXPECT_EQ(parameter("DELETE", "/hosts/a%252Fb"), "a%2Fb");
  EXPECT_EQ(parameter("DELETE", "/hosts/100%25"), "100%");
  EXPECT_EQ(parameter("DELETE", "/hosts/100%"), "100%");
  EXPECT_EQ(parameter("DELETE", "/hosts/a+b%20c"), "a+b c");
  EXPECT_EQ(parameter("DELETE", "/hosts/b%C3%BCro"), "büro");
  EXPECT_EQ(parameter("DELETE", "/hosts/*"), "*");
  EXPECT_EQ(parameter("DELETE", "/hosts/{name}"), "{name}");
  EXPECT_EQ(parameter("DELETE", "/hosts/%2F"), "/");
  EXPECT_EQ(parameter("DELETE", "/hosts/a%3Fb%23c?x=/y#z"), "a?b#c");
}

TEST_F(RouterTest, ANameThatLooksLikeAnotherAddressIsNone) {
  EXPECT_EQ(parameter("POST", "/hosts/clean/clean"), "clean");
  EXPECT_EQ(parameter("POST", "/hosts/a%2Fclean/clean"), "a/clean");
  EXPECT_EQ(parameter("DELETE", "/hosts/a%2Fclean"), "a/clean");
  EXPECT_EQ(parameter("POST", "/hosts/a%2Fclean"), "(405)");
}

TEST_F(RouterTest, APatternMayHaveSeveralParameters) {
  EXPECT_EQ(parameter("GET", "/shelves/a%2Fb/books/c", "shelf"), "a/b");
  EXPECT_EQ(parameter("GET", "/shelves/a%2Fb/books/c", "book"), "c");
  EXPECT_EQ(parameter("GET", "/shelves/a/books"), "(404)");
  EXPECT_EQ(parameter("GET", "/shelves/a/books//c"), "(404)");
  EXPECT_THROW(parameter("GET", "/shelves/a/books/c", "page"), std::out_of_range);
}

TEST_F(RouterTest, SegmentsTooManyOrTooFewAreNoSuchAddress) {
  for (const char* target : {"/hosts/a/b", "/hosts/a/clean/x", "/hosts//clean", "/hosts//", "/hosts/a//clean",
                             "/hosts/a/cle%61n", "/hosts2/a"}) {
    EXPECT_EQ(parameter("POST", target), "(404)") << target;
  }
}

TEST_F(RouterTest, SlashesBehindAnAddressMakeNoOther) {
  EXPECT_EQ(parameter("DELETE", "/hosts/a//"), "a");
  EXPECT_EQ(parameter("POST", "/hosts/a/clean/?x"), "a");
  EXPECT_EQ(status("POST", "/metrics//", "/metrics//"), 200);
  EXPECT_EQ(status("GET", "/hosts/", "/hosts/"), 200);
}

TEST_F(RouterTest, AnAddressWithoutParametersIsMatchedDecoded) {
  EXPECT_EQ(status("GET", "/h%6Fsts?x", "/hosts"), 200);
  EXPECT_EQ(status("DELETE", "/hosts%2Fb", "/hosts/b"), 404) << "no host's: its slash is part of a segment";
  EXPECT_EQ(status("GET", "/Hosts", "/Hosts"), 404);
  EXPECT_EQ(status("GET", "", ""), 404);
}

TEST_F(RouterTest, HeadIsGetAndOtherMethodsAreToldWhichThereAre) {
  EXPECT_EQ(status("HEAD", "/hosts", "/hosts"), 200);
  EXPECT_EQ(status("HEAD", "/metrics", "/metrics"), 405);
  const auto found = router_.find(request("PUT", "/hosts", "/hosts"));
  const auto& refusal = std::get<http::Response>(found);
  EXPECT_EQ(refusal.status, 405);
  EXPECT_EQ(refusal.headers.at(0), std::pair(std::string("Allow"), std::string("DELETE, GET, HEAD")));
}

TEST_F(RouterTest, ListsEveryRoute) {
  std::set<std::string> routes;
  for (const RouteInfo& route : router_.routes()) routes.insert(route.method + " " + route.pattern);
  EXPECT_EQ(routes, (std::set<std::string>{"GET /hosts", "DELETE /hosts", "DELETE /hosts/{name}",
                                           "POST /hosts/{name}/clean", "POST /metrics",
                                           "GET /shelves/{shelf}/books/{book}"}));
}

TEST_F(RouterTest, WhatIsNamedGoesBeforeAParameterThere) {
  for (const auto& [method, pattern] :
       {std::pair{"GET", "/alerts/{name}"}, std::pair{"POST", "/alerts/{name}/acknowledge"},
        std::pair{"POST", "/alerts/rules"}, std::pair{"DELETE", "/alerts/rules/{name}"}}) {
    router_.add(method, pattern, Permission::read, [](const Call&) { return Reply::later(); });
  }
  EXPECT_EQ(parameter("GET", "/alerts/7"), "7");
  EXPECT_EQ(parameter("POST", "/alerts/7/acknowledge"), "7");
  EXPECT_EQ(status("POST", "/alerts/rules", "/alerts/rules"), 200);
  EXPECT_EQ(status("POST", "/alerts/rules/", "/alerts/rules/"), 200);
  EXPECT_EQ(status("GET", "/alerts/rules", "/alerts/rules"), 405) << "it is no alarm";
  EXPECT_EQ(parameter("DELETE", "/alerts/rules/disk"), "disk");
  EXPECT_EQ(parameter("DELETE", "/alerts/rules/acknowledge"), "acknowledge");
  EXPECT_EQ(parameter("DELETE", "/alerts/rules/a/b"), "(404)");
}

}  // namespace
}  // namespace hostwatch::api
