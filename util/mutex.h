#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// What clang's thread-safety analysis (-Wthread-safety) goes by; nothing for other compilers.
#if defined(__clang__)
#define HOSTWATCH_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define HOSTWATCH_THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(name) HOSTWATCH_THREAD_ANNOTATION(capability(name))
#define SCOPED_CAPABILITY HOSTWATCH_THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(mutex) HOSTWATCH_THREAD_ANNOTATION(guarded_by(mutex))
#define PT_GUARDED_BY(mutex) HOSTWATCH_THREAD_ANNOTATION(pt_guarded_by(mutex))
#define REQUIRES(...) HOSTWATCH_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) HOSTWATCH_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) HOSTWATCH_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) HOSTWATCH_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) HOSTWATCH_THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
#define RETURN_CAPABILITY(mutex) HOSTWATCH_THREAD_ANNOTATION(lock_returned(mutex))
#define NO_THREAD_SAFETY_ANALYSIS HOSTWATCH_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace hostwatch::util {

/// A std::mutex that the analysis knows: members that it guards stand beside it, marked GUARDED_BY(mutex_).
class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }
  bool try_lock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Holds a Mutex while it lives; for one thread.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  /// Takes over a mutex that Mutex::try_lock() has got.
  MutexLock(Mutex& mutex, std::adopt_lock_t adopt) REQUIRES(mutex) : lock_(mutex.mutex_, adopt) {}
  ~MutexLock() RELEASE() = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  /// Gives the mutex back meanwhile and has it again afterwards; may return early, as
  /// std::condition_variable does: ask for the condition in a loop.
  void wait(std::condition_variable& changed) { changed.wait(lock_); }

  /// Likewise, until then at most; false if the time has come.
  template <typename Clock, typename Duration>
  bool wait_until(std::condition_variable& changed, const std::chrono::time_point<Clock, Duration>& end) {
    return changed.wait_until(lock_, end) == std::cv_status::no_timeout;
  }

  void unlock() RELEASE() { lock_.unlock(); }
  void lock() ACQUIRE() { lock_.lock(); }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace hostwatch::util
