#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/tcp_socket.h"

namespace hostwatch::testing {

/// What a FaultProxy does to the requests that come to it.
struct Fault {
  enum class Kind {
    none,
    refused,        ///< nobody listens (the port is kept), and what was connected is reset
    silent,         ///< takes connections and requests, and never answers
    reset_request,  ///< the server gets `bytes` of the request, then both sides a reset
    reset_answer,   ///< the client gets `bytes` of the answer, then both sides a reset
    half_open,      ///< nothing gets through any more, nobody is told; connections caught in it stay dead
    delay,          ///< the request waits for `time`
    cut_answer,     ///< the client gets `bytes` of the answer, then an orderly end
    lost_answer,    ///< the server gets the request and answers; the client gets nothing but the end
    twice,          ///< the server gets the request on two connections at once
    canned_answer,  ///< the proxy answers with `answer` by itself
  };
  static constexpr std::size_t kKinds = 11;

  Kind kind = Kind::none;
  std::size_t bytes = 0;
  std::chrono::milliseconds time{};
  unsigned every = 1;  ///< it meets every n-th request only; `refused` and `half_open`: all
  std::string answer{};

  /// An answer in full, as a proxy's or a broken server's; `more` are lines of the head, each with its CRLF.
  static Fault answering(const std::string& status, const std::string& more, const std::string& body);
};

const char* name_of(Fault::Kind kind);

/// A proxy between HTTP clients and a server on this machine, whose faults can be switched at any moment. It
/// takes requests and answers whole before it passes them on, on a thread a connection; nothing here asks for
/// more. The server may be started later, or at another port.
class FaultProxy {
 public:
  explicit FaultProxy(int target_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/metrics"; }

  void set(Fault fault);
  void heal() { set({}); }
  /// The server has moved: further connections go there.
  void retarget(int port) { target_port_ = port; }
  /// Resets every connection, once.
  void cut_connections() { ++epoch_; }

  /// How many requests have met the fault, or none; for `half_open` it is connections, for `refused` times
  /// that it was set.
  std::uint64_t met(Fault::Kind kind) const { return met_[static_cast<std::size_t>(kind)]; }

 private:
  class Relay;

  void accept_connections(const std::stop_token& stop);
  void accept_one();
  Fault fault_for_request();
  Fault::Kind kind() const { return kind_; }
  void count(Fault::Kind kind) { ++met_[static_cast<std::size_t>(kind)]; }

  TcpSocket holder_;  ///< keeps the port while nobody listens
  int port_ = 0;
  std::atomic<int> target_port_;
  std::atomic<Fault::Kind> kind_{Fault::Kind::none};
  std::atomic<std::uint64_t> epoch_{0};
  std::array<std::atomic<std::uint64_t>, Fault::kKinds> met_{};

  std::mutex mutex_;
  Fault fault_;
  std::uint64_t requests_ = 0;

  std::mutex listener_mutex_;
  TcpSocket listener_;

  std::list<std::unique_ptr<Relay>> relays_;  ///< of the accepting thread
  std::jthread thread_;
};

}  // namespace hostwatch::testing
