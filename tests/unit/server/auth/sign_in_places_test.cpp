#include "server/auth/sign_in_places.h"

#include <gtest/gtest.h>

#include <vector>

namespace hostwatch::auth {
namespace {

using Held = std::vector<std::shared_ptr<const SignInPlaces::Place>>;
using Past = SignInPlaces::Past;

/// How many of so many tries, each from an address of its own, find a place, which they keep.
template <typename AddressOf>
std::size_t take(SignInPlaces& places, Held& held, int tries, Past past, AddressOf address_of) {
  const std::size_t before = held.size();
  for (int i = 0; i < tries; ++i) {
    if (auto place = places.take(address_of(i), past)) held.push_back(std::move(place));
  }
  return held.size() - before;
}

TEST(SignInPlaces, OneClientHasTwo) {
  SignInPlaces places;
  Held held;
  EXPECT_EQ(take(places, held, 20, Past::none, [](int) { return "192.0.2.1"; }), 2U);
  EXPECT_EQ(take(places, held, 20, Past::none, [](int i) { return "2001:db8::" + std::to_string(i + 1); }),
            2U)
      << "all of a /64 are one client";
  EXPECT_NE(places.take("192.0.2.2", Past::none), nullptr);
  held.pop_back();
  EXPECT_NE(places.take("2001:db8::1", Past::none), nullptr) << "one was given back";
}

TEST(SignInPlaces, ASiteWithManyNetworksHasFour) {
  SignInPlaces places;
  Held held;
  const auto network = [](int i) { return "2001:db8:1:" + std::to_string(i) + "::1"; };
  EXPECT_EQ(take(places, held, 50, Past::none, network), 4U);
  EXPECT_NE(places.take("2001:db8:2::1", Past::none), nullptr);
}

TEST(SignInPlaces, AProviderWithManySitesHasEight) {
  SignInPlaces places;
  Held held;
  const auto site = [](int i) { return "2001:db8:" + std::to_string(i) + "::1"; };
  EXPECT_EQ(take(places, held, 40, Past::none, site), 8U);
  EXPECT_NE(places.take("2001:db9::1", Past::none), nullptr);
}

TEST(SignInPlaces, ThoseWhoseTriesFailedLeaveRoomForOthers) {
  SignInPlaces places;
  Held held;
  EXPECT_EQ(take(places, held, 100, Past::failed, [](int i) { return "198.51.100." + std::to_string(i); }),
            8U);
  EXPECT_EQ(take(places, held, 100, Past::none, [](int i) { return "192.0.2." + std::to_string(i); }), 4U);
}

TEST(SignInPlaces, StrangersLeaveRoomForThoseWhoHaveSignedInBeforeHoweverManyTheyAre) {
  SignInPlaces places;
  Held held;
  const auto provider = [](int i) { return "2001:" + std::to_string(i) + "::1"; };
  const auto home = [](int i) { return "192.0.2." + std::to_string(i); };
  EXPECT_EQ(take(places, held, 40, Past::none, provider), 12U);
  EXPECT_EQ(places.take("203.0.113.1", Past::none), nullptr);
  EXPECT_EQ(take(places, held, 100, Past::signed_in, home), 4U) << "sixteen in all";
  held.clear();
  EXPECT_EQ(take(places, held, 100, Past::signed_in, home), 16U);
}

}  // namespace
}  // namespace hostwatch::auth
