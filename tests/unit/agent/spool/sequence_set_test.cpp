#include "agent/spool/sequence_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace hostwatch::agent {
namespace {

TEST(SequenceSet, NeighboursBecomeOneInterval) {
  SequenceSet set;
  set.add(1, 3);
  set.add(7, 9);
  EXPECT_EQ(set.intervals(), 2U);
  set.add(4, 6);
  EXPECT_EQ(set.intervals(), 1U);
  EXPECT_EQ(set.first_missing(1), 10U);
  EXPECT_EQ(set.first_missing(0), 0U);
}

TEST(SequenceSet, AnEmptyRangeAddsNothing) {
  SequenceSet set;
  set.add(5, 4);
  EXPECT_EQ(set.intervals(), 0U);
}

TEST(SequenceSet, ItIsTheSetOfAllThatWasAdded) {
  std::mt19937 random(7);
  SequenceSet set;
  std::set<std::uint64_t> plain;
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t first = random() % 300;
    const std::uint64_t last = first + random() % 4;
    set.add(first, last);
    for (std::uint64_t n = first; n <= last; ++n) plain.insert(n);
    const std::uint64_t from = random() % 310;
    std::uint64_t missing = from;
    while (plain.contains(missing)) ++missing;
    EXPECT_EQ(set.first_missing(from), missing);
    const auto present = plain.lower_bound(from);
    EXPECT_EQ(set.first_present(from), present == plain.end() ? UINT64_MAX : *present);
  }
}

TEST(SequenceSet, WhatIsBelowABoundCanBeForgotten) {
  SequenceSet set;
  set.add(1, 3);
  set.add(7, 9);
  set.forget_below(5);
  EXPECT_EQ(set.intervals(), 1U);
  EXPECT_EQ(set.first_missing(7), 10U);
}

}  // namespace
}  // namespace hostwatch::agent
