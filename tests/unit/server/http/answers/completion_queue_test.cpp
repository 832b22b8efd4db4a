#include "server/http/answers/completion_queue.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace hostwatch::http {
namespace {

class CompletionQueueTest : public testing::Test {
 protected:
  void SetUp() override { queue_.open(); }

  void push(std::uint64_t ticket) {
    std::list<Completion> one;
    one.push_back({ticket, 1, std::nullopt});
    queue_.push(one);
    EXPECT_TRUE(one.empty()) << "it is taken over, not copied";
  }
  bool says_that_some_wait() const {
    pollfd one{queue_.descriptor(), POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
  }

  CompletionQueue queue_;
};

TEST_F(CompletionQueueTest, SaysWhetherAnswersWait) {
  EXPECT_FALSE(says_that_some_wait());
  EXPECT_TRUE(queue_.take().empty());
  push(1);
  EXPECT_TRUE(says_that_some_wait());
  push(2);
  EXPECT_EQ(queue_.take().size(), 2U);
  EXPECT_FALSE(says_that_some_wait());
}

TEST_F(CompletionQueueTest, GivesThemInTheirOrderAndNotAllAtOnce) {
  constexpr std::uint64_t kAll = 100;
  for (std::uint64_t ticket = 0; ticket < kAll; ++ticket) push(ticket);
  std::uint64_t next = 0;
  std::size_t times = 0;
  while (says_that_some_wait()) {
    const std::list<Completion> some = queue_.take();
    ASSERT_FALSE(some.empty()) << "who is woken finds one";
    for (const Completion& one : some) EXPECT_EQ(one.ticket, next++);
    ++times;
  }
  EXPECT_EQ(next, kAll);
  EXPECT_GT(times, 1U) << "other threads take their part";
}

}  // namespace
}  // namespace hostwatch::http
