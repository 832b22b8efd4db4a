#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>

#include "server/http/answers/response.h"
#include "server/http/event_signal.h"
#include "util/mutex.h"

namespace hostwatch::http {

/// An answer that comes later than its request was handled.
struct Completion {
  std::uint64_t ticket = 0;          ///< of the connection
  std::uint64_t request = 0;         ///< of that connection
  std::optional<Response> response;  ///< none: the connection is to be closed
};

/// Answers from other threads on their way to those of the HTTP server. Thread-safe.
class CompletionQueue {
 public:
  /// Throws std::system_error.
  void open() { waiting_.open(); }

  /// Readable while answers wait.
  int descriptor() const { return waiting_.descriptor(); }

  /// Takes over the one that is in the list: nothing here can fail for want of memory.
  void push(std::list<Completion>& one) noexcept;

  /// Some of those that wait; others can be taken by another thread meanwhile.
  std::list<Completion> take();

 private:
  EventSignal waiting_;
  util::Mutex mutex_;
  std::list<Completion> completions_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::http
