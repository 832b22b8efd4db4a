#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "server/http/poller.h"
#include "util/files/file_descriptor.h"

namespace hostwatch::http {

/// The listening socket: takes new connections while the system gives descriptors and memory for them, and
/// lives on where it gives none. One thread at a time accepts (EPOLLONESHOT); the rest is thread-safe once
/// it is open.
class Listener {
 public:
  /// `address`: the client's, as text; "unknown" where it has none.
  using Take = std::function<void(util::FileDescriptor socket, std::string address)>;

  /// Binds and listens. `host`: a name or an address; `port` 0: any free one. Throws std::runtime_error
  /// saying what to do (address in use, not ours, ...).
  void open(const std::string& host, int port);

  /// The port in use, once it is open.
  int port() const { return port_; }

  /// From now on connections are accepted: events of `poller` with the number Poller::kListener say
  /// when. `poller` outlives its use. Throws std::system_error.
  void start(const Poller& poller);

  /// False before start() and after stop().
  bool is_accepting() const { return accepting_; }

  /// Hands what waits in the backlog to `take`, up to a batch, and waits for more. What `take` throws, for
  /// want of memory, is logged and costs that one connection. Where the system has no descriptors left it
  /// waits for listen_again().
  void accept(const Take& take);

  /// To be called now and then: there may be descriptors again.
  void listen_again();

  /// No connection is accepted any more. False if that was so already.
  bool stop();

  /// Once no thread accepts.
  void close() { socket_.reset(); }

 private:
  void wait_for_more() const;

  util::FileDescriptor socket_;
  int port_ = 0;
  const Poller* poller_ = nullptr;  ///< once it has started
  std::atomic<bool> accepting_{false};
  std::atomic<bool> paused_{false};  ///< out of descriptors
};

}  // namespace hostwatch::http
