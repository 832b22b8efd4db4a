#pragma once

#include <sys/epoll.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>

#include "util/files/file_descriptor.h"

namespace hostwatch::http {

/// The HTTP server's epoll: which sockets are waited for, each for one event at a time (EPOLLONESHOT), so
/// that one thread at most is at each. Thread-safe once it is open.
class Poller {
 public:
  // What else than connections is in it, by the number that an event carries: a connection's ticket is
  // smaller.
  static constexpr std::uint64_t kListener = ~std::uint64_t{0};
  static constexpr std::uint64_t kWake = kListener - 1;
  static constexpr std::uint64_t kTimer = kListener - 2;
  static constexpr std::uint64_t kStop = kListener - 3;

  struct Event {
    std::uint64_t number = 0;  ///< a ticket, or one of the above
    std::uint32_t events = 0;  ///< EPOLLIN and others
  };

  /// Throws std::system_error.
  void open() {
    epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll");
  }

  /// Watches a descriptor for one event, or with `is_lasting` for as many as come. Throws std::system_error.
  void add(int fd, std::uint64_t number, std::uint32_t events, bool is_lasting = false) const {
    epoll_event event = event_of(number, is_lasting ? events : events | EPOLLONESHOT);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
  }

  /// For one more event.
  void rearm(int fd, std::uint64_t number, std::uint32_t events) const noexcept {
    epoll_event event = event_of(number, events | EPOLLONESHOT);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  }

  /// Waits for an event; nothing where a signal came first. One at a time: whatever takes long must not hold
  /// up others that this thread already fetched.
  std::optional<Event> wait() const {
    epoll_event event{};
    if (::epoll_wait(epoll_.get(), &event, 1, -1) != 1) return std::nullopt;
    return Event{event.data.u64, event.events};
  }

 private:
  static epoll_event event_of(std::uint64_t number, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = number;
    return event;
  }

  util::FileDescriptor epoll_;
};

}  // namespace hostwatch::http
