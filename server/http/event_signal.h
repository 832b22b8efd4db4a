#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "util/files/file_descriptor.h"

namespace hostwatch::http {

/// An eventfd(2): readable from raise() until clear(), for those who poll. Thread-safe once it is open.
class EventSignal {
 public:
  /// Throws std::system_error.
  void open() {
    event_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event_) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  bool is_open() const { return static_cast<bool>(event_); }
  int descriptor() const { return event_.get(); }

  void raise() const noexcept {
    const std::uint64_t one = 1;
    // Can only fail when the counter is full: then it is readable already.
    [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
  }

  void clear() const noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(event_.get(), &count, sizeof count);
  }

 private:
  util::FileDescriptor event_;
};

}  // namespace hostwatch::http
