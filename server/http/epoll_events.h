#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace hostwatch::http {

// What else than connections is in the HTTP server's epoll, by the number that an event carries: a
// connection's ticket is smaller.
inline constexpr std::uint64_t kListener = ~std::uint64_t{0};
inline constexpr std::uint64_t kWake = kListener - 1;
inline constexpr std::uint64_t kTimer = kListener - 2;
inline constexpr std::uint64_t kStop = kListener - 3;

/// Throws std::system_error.
inline void add_to_epoll(int epoll, int fd, std::uint64_t ticket, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = ticket;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

/// For one more event.
inline void rearm(int epoll, int fd, std::uint64_t ticket, std::uint32_t events) {
  epoll_event event{};
  event.events = events | EPOLLONESHOT;
  event.data.u64 = ticket;
  ::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

inline void signal_event(int fd) {
  const std::uint64_t one = 1;
  // Can only fail when the counter is full: then it is readable already.
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

inline void drain_event(int fd) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd, &count, sizeof count);
}

}  // namespace hostwatch::http
