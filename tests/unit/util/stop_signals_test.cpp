#include "util/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace hostwatch::util {
namespace {

TEST(StopSignals, WaitForWhoeverWaitsForThem) {
  const StopSignals signals;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    ::pthread_kill(::pthread_self(), signal);
    EXPECT_EQ(signals.wait(), signal);
    ::pthread_kill(::pthread_self(), signal);
    EXPECT_EQ(signals.wait_for(std::chrono::seconds(30)), signal);
  }
  EXPECT_EQ(signals.wait_for(std::chrono::seconds(0)), std::nullopt) << "none has come";
  signals.unblock();
}

TEST(StopSignals, DoAgainWhatTheyDoByDefaultOnceTheyAreUnblocked) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        ::kill(::getpid(), SIGTERM);
        EXPECT_EQ(signals.wait(), SIGTERM);
        signals.unblock();
        ::kill(::getpid(), SIGTERM);
        ::_exit(0);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(WriteFailures, AreErrorsAndNotTheProgramsEnd) {
  EXPECT_EXIT(
      {
        make_write_failures_errors();
        int ends[2];
        if (::pipe(ends) != 0) ::_exit(2);
        ::close(ends[0]);
        ::_exit(::write(ends[1], "x", 1) < 0 ? 0 : 3);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace hostwatch::util
