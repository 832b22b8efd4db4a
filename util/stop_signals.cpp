#include "util/stop_signals.h"

namespace hostwatch::util {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

int StopSignals::wait() const {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) {
  }
  return signal;
}

std::optional<int> StopSignals::wait_for(std::chrono::seconds patience) const {
  const timespec time{patience.count(), 0};
  const int signal = sigtimedwait(&signals_, nullptr, &time);
  if (signal <= 0) return std::nullopt;
  return signal;
}

void StopSignals::unblock() const {
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

void make_write_failures_errors() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace hostwatch::util
