#pragma once

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "agent/collectors/disks/patient_stat.h"

namespace hostwatch::agent::test {

/// A file system of `blocks` blocks of 1,000 bytes.
inline struct statvfs sized(fsblkcnt_t blocks, fsblkcnt_t free, fsblkcnt_t available, fsfilcnt_t files = 0,
                            fsfilcnt_t files_free = 0) {
  struct statvfs values {};
  values.f_frsize = 1000;
  values.f_blocks = blocks;
  values.f_bfree = free;
  values.f_bavail = available;
  values.f_files = files;
  values.f_ffree = files_free;
  return values;
}

/// File systems of a test: each answers, fails, or hangs until it is released. The destructor releases all,
/// so that it must be declared before what asks. Thread-safe.
class FakeFileSystems {
 public:
  ~FakeFileSystems() { release_all(); }

  void set(const std::string& path, const struct statvfs& values) {
    const std::scoped_lock lock(mutex_);
    values_[path] = values;
    errors_.erase(path);
  }
  void fail(const std::string& path, int error) {
    const std::scoped_lock lock(mutex_);
    errors_[path] = error;
  }
  void hang(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    hanging_.insert(path);
  }
  void release(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    hanging_.erase(path);
    changed_.notify_all();
  }
  void release_all() {
    const std::scoped_lock lock(mutex_);
    hanging_.clear();
    changed_.notify_all();
  }

  /// How often `path` was asked.
  std::ptrdiff_t asked(const std::string& path) const {
    const std::scoped_lock lock(mutex_);
    return std::count(asked_.begin(), asked_.end(), path);
  }

  StatVfs statvfs() {
    return [this](const std::string& path, struct statvfs& into) { return ask(path, into); };
  }

 private:
  int ask(const std::string& path, struct statvfs& into) {
    std::unique_lock lock(mutex_);
    asked_.push_back(path);
    changed_.wait(lock, [&] { return !hanging_.contains(path); });
    if (const auto error = errors_.find(path); error != errors_.end()) return error->second;
    const auto values = values_.find(path);
    if (values == values_.end()) return ENOENT;
    into = values->second;
    return 0;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, struct statvfs> values_;
  std::map<std::string, int> errors_;
  std::set<std::string> hanging_;
  std::vector<std::string> asked_;
};

/// Waits until the worker of a collector or a PatientStat is back: it always is, some time after the release.
template <typename IsStuck>
void wait_until_back(const IsStuck& is_stuck) {
  while (is_stuck()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace hostwatch::agent::test
