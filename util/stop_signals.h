#pragma once

#include <chrono>
#include <csignal>
#include <optional>

namespace hostwatch::util {

/// The signals by which a program is told to stop (SIGTERM, SIGINT) or to read its files again (SIGHUP), met
/// by whoever waits for them here and nowhere else. To be made before any thread starts: threads inherit what
/// is blocked.
class StopSignals {
 public:
  /// Blocks them.
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Waits for one of them and returns its number.
  int wait() const;

  /// Likewise, but `patience` at most; nothing if none has come, or another signal was handled meanwhile.
  std::optional<int> wait_for(std::chrono::seconds patience) const;

  /// From now on, in this thread, they do what they do by default: a second SIGTERM ends the program at once.
  void unblock() const;

 private:
  sigset_t signals_{};
};

/// A connection that is gone (SIGPIPE) or a file at its size limit (SIGXFSZ) is an error of write() from now
/// on, not the program's end.
void make_write_failures_errors();

}  // namespace hostwatch::util
