#pragma once

#include <sys/statvfs.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace hostwatch::agent {

/// statvfs(3) of `path` into `into`: 0, or the error (errno). A parameter so that tests need no disks.
using StatVfs = std::function<int(const std::string& path, struct statvfs& into)>;

/// The system's own.
int system_statvfs(const std::string& path, struct statvfs& into);

/// What statvfs said of one path.
struct StatAnswer {
  enum class Outcome {
    answered,   ///< `error` and `values` are what it said
    silent,     ///< it was asked and has not answered yet
    not_asked,  ///< another one is silent, and there is one thread to ask with
  };
  Outcome outcome = Outcome::not_asked;
  int error = 0;
  struct statvfs values {};
};

/// Asks file systems that may never answer (a dead NFS server, a FUSE program that hangs) on one thread of
/// its own, and waits a limited time. While the thread is stuck nothing more is asked, and nobody waits; the
/// one that was silent is asked last when the thread is back, so that it does not keep the others from
/// answering for long.
///
/// The thread starts with the first question, and the destructor joins it: with a stuck thread that takes as
/// long as the kernel does. Ask stuck() first; a program that must end leaves by std::_Exit() then.
///
/// ask() is for one thread; stuck() may be called from any.
class PatientStat {
 public:
  PatientStat(StatVfs statvfs, std::chrono::milliseconds patience);

  /// The answers in the order of `paths`, which are all different; waits at most `patience` for all together.
  std::vector<StatAnswer> ask(const std::vector<std::string>& paths);

  bool stuck() const;

 private:
  void work(const std::stop_token& stop);
  void enqueue(const std::vector<std::string>& paths);

  const StatVfs statvfs_;
  const std::chrono::milliseconds patience_;

  mutable std::mutex mutex_;
  std::condition_variable_any work_came_;
  std::condition_variable work_done_;
  std::deque<std::string> waiting_;
  std::optional<std::string> asking_;
  std::string silent_;  ///< the last one that did not answer in time
  std::unordered_map<std::string, StatAnswer> answers_;

  std::jthread worker_;  // last: stops before what it uses goes
};

}  // namespace hostwatch::agent
