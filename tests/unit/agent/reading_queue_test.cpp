#include "agent/reading_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMany = 1'000;
constexpr std::size_t kMuch = 1U << 20U;

TEST(ReadingQueueTest, AnEmptyQueueHasAnEmptyBatch) {
  const ReadingQueue queue;
  const auto batch = queue.oldest(kMany, kMuch);
  EXPECT_EQ(batch.readings, 0U);
  EXPECT_EQ(batch.body, "");
}

TEST(ReadingQueueTest, OneReadingIsAnObjectAndSeveralAreAnArray) {
  ReadingQueue queue;
  queue.push("{1}");
  EXPECT_EQ(queue.oldest(kMany, kMuch).body, "{1}");
  queue.push("{2}");
  EXPECT_EQ(queue.oldest(kMany, kMuch).body, "[{1},{2}]");
  EXPECT_EQ(queue.oldest(1, kMuch).body, "{1}");
}

TEST(ReadingQueueTest, ABatchKeepsToItsBytesButHoldsAlwaysOne) {
  ReadingQueue queue;
  for (int i = 0; i < 3; ++i) queue.push("{12345678}");
  EXPECT_EQ(queue.oldest(kMany, 23).body, "{12345678}");
  EXPECT_EQ(queue.oldest(kMany, 24).body, "[{12345678},{12345678}]");
  EXPECT_EQ(queue.oldest(kMany, 1).readings, 1U);
}

TEST(ReadingQueueTest, AReadingStaysUntilItIsAcknowledged) {
  ReadingQueue queue;
  queue.push("{1}");
  queue.push("{2}");
  const auto batch = queue.oldest(1, kMuch);
  EXPECT_EQ(queue.oldest(1, kMuch).body, "{1}");
  queue.push("{3}");
  queue.acknowledge(batch);
  EXPECT_EQ(queue.oldest(kMany, kMuch).body, "[{2},{3}]");
}

TEST(ReadingQueueTest, TheOldestAreDroppedWhenThereAreTooMany) {
  ReadingQueue queue({.readings = 3, .bytes = kMuch});
  for (int i = 1; i <= 5; ++i) queue.push(std::to_string(i));
  EXPECT_EQ(queue.oldest(kMany, kMuch).body, "[3,4,5]");
  EXPECT_EQ(queue.dropped(), 2U);
}

TEST(ReadingQueueTest, TheOldestAreDroppedWhenTheyTakeTooMuchRoom) {
  ReadingQueue queue({.readings = kMany, .bytes = 10'000});
  for (int i = 0; i < 20; ++i) queue.push(std::string(2'000, static_cast<char>('a' + i)));
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_EQ(queue.dropped(), 16U);
  EXPECT_EQ(queue.oldest(1, kMuch).body.front(), 'q');
}

TEST(ReadingQueueTest, TheNewestStaysHoweverLargeItIs) {
  ReadingQueue queue({.readings = kMany, .bytes = 1'000});
  queue.push("{1}");
  queue.push(std::string(5'000, 'x'));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.oldest(1, kMuch).body.size(), 5'000U);
}

TEST(ReadingQueueTest, WhatIsDroppedWhileABatchIsUnderWayIsNotAcknowledgedTwice) {
  ReadingQueue queue({.readings = 2, .bytes = kMuch});
  queue.push("1");
  queue.push("2");
  const auto batch = queue.oldest(kMany, kMuch);
  queue.push("3");  // drops 1
  queue.acknowledge(batch);
  EXPECT_EQ(queue.oldest(kMany, kMuch).body, "3");
}

TEST(ReadingQueueTest, AWaitEndsWithAReadingOrAStop) {
  ReadingQueue queue;
  std::stop_source stop;
  bool first = false;
  bool second = true;
  std::jthread waiter([&] {
    first = queue.wait_for_reading(stop.get_token());
    queue.acknowledge(queue.oldest(1, kMuch));
    second = queue.wait_for_reading(stop.get_token());
  });
  queue.push("1");
  while (queue.size() != 0) std::this_thread::yield();
  stop.request_stop();
  waiter.join();
  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
}

}  // namespace
}  // namespace hostwatch::agent
