#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hostwatch::testing {

/// Far beyond what anything here takes; only a failure waits so long.
constexpr std::chrono::seconds kPatience{60};

/// Sanitizers take memory and time of their own: what is measured then is not the program.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// A child process whose standard error (and output) is read line by line. Killed when the object ends.
class Process {
 public:
  explicit Process(std::vector<std::string> command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  /// The first line that contains `text`, waiting for it; nothing if the process ends or a minute passes
  /// without.
  std::optional<std::string> wait_for_line(const std::string& text);

  /// Everything printed so far, or until the end once wait() has returned.
  std::string output() const;

  void signal(int number) const;

  /// Waits for the end: the exit status, or 128 + signal; nothing if it is still running after `patience`.
  std::optional<int> wait(std::chrono::seconds patience = kPatience);

  /// Sends the signal and waits the five seconds that either program may take to stop.
  std::optional<int> stop(int number = SIGTERM);

  /// Resident memory in bytes (VmRSS of /proc/PID/status).
  std::size_t resident_bytes() const;

 private:
  void read_lines(int fd);

  pid_t pid_ = -1;
  std::optional<int> status_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool ended_ = false;
  std::thread reader_;
};

/// Runs a program to its end.
struct Finished {
  int status;
  std::string output;
};
Finished run_to_end(std::vector<std::string> command);

}  // namespace hostwatch::testing
