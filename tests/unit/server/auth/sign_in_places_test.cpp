#include "server/auth/sign_in_places.h"

#include <gtest/gtest.h>

#include <vector>

namespace hostwatch::auth {
namespace {

using Held = std::vector<std::shared_ptr<const SignInPlaces::Place>>;

/// How many of so many tries, each from an address of its own, find a place, which they keep.
template <typename AddressOf>
std::size_t take(SignInPlaces& places, Held& held, int tries, bool has_failed, AddressOf address_of) {
  const std::size_t before = held.size();
  for (int i = 0; i < tries; ++i) {
    if (auto place = places.take(address_of(i), has_failed)) held.push_back(std::move(place));
  }
  return held.size() - before;
}

TEST(SignInPlaces, OneClientHasTwo) {
  SignInPlaces places;
  Held held;
  EXPECT_EQ(take(places, held, 20, false, [](int) { return "192.0.2.1"; }), 2U);
  EXPECT_EQ(take(places, held, 20, false, [](int i) { return "2001:db8::" + std::to_string(i + 1); }), 2U)
      << "all of a /64 are one client";
  EXPECT_NE(places.take("192.0.2.2", false), nullptr);
  held.pop_back();
  EXPECT_NE(places.take("2001:db8::1", false), nullptr) << "one was given back";
}

TEST(SignInPlaces, ASiteWithManyNetworksHasFour) {
  SignInPlaces places;
  Held held;
  const auto network = [](int i) { return "2001:db8:1:" + std::to_string(i) + "::1"; };
  EXPECT_EQ(take(places, held, 50, false, network), 4U);
  EXPECT_NE(places.take("2001:db8:2::1", false), nullptr);
}

TEST(SignInPlaces, ThoseWhoseTriesFailedLeaveRoomForOthers) {
  SignInPlaces places;
  Held held;
  EXPECT_EQ(take(places, held, 100, true, [](int i) { return "198.51.100." + std::to_string(i); }), 8U);
  EXPECT_EQ(take(places, held, 100, false, [](int i) { return "192.0.2." + std::to_string(i); }), 8U);
  EXPECT_EQ(places.take("203.0.113.1", false), nullptr) << "sixteen in all";
  held.clear();
  EXPECT_EQ(take(places, held, 100, false, [](int i) { return "192.0.2." + std::to_string(i); }), 16U);
}

}  // namespace
}  // namespace hostwatch::auth
