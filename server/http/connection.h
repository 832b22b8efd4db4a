#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/channel.h"
#include "server/http/http_server.h"

namespace hostwatch::http {

/// One client's connection. Guarded by its slot's mutex; in epoll at most once at a time (EPOLLONESHOT),
/// never while a request waits for its answer.
struct HttpServer::Connection {
  enum class State : std::uint8_t {
    reading,   ///< a request is arriving, or none is
    waiting,   ///< a whole request is with the handler
    writing,   ///< the answer is on its way
    lingering  ///< answered for the last time; what still comes is passed over
  };

  Connection(Channel owned, std::uint64_t its_ticket, std::string from, const FramingLimits& limits)
      : channel(std::move(owned)), ticket(its_ticket), address(std::move(from)), framer(limits) {}

  /// Sends a few bytes that fit into any socket's buffer; if not, the client has stopped reading.
  void send_now(std::string_view bytes) {
    if (channel.write(bytes).bytes != bytes.size()) dead = true;
  }

  Peer peer() const { return {address, channel.is_encrypted(), channel.has_client_certificate()}; }

  Channel channel;
  std::uint64_t ticket;
  std::uint64_t request = 0;  ///< counts the requests: a late second answer to one must not meet the next
  std::string address;
  RequestFramer framer;
  State state = State::reading;
  std::string leftover;                        ///< bytes of the next requests, kept while one is answered
  std::string out;                             ///< the answer
  std::size_t sent = 0;                        ///< of `out`
  std::size_t taken = 0;                       ///< of `sent`, by the client, when it was looked at last
  std::optional<UnsentAnswers::Place> unsent;  ///< the answer waits for the client
  std::size_t accounted = 0;                   ///< bytes counted in buffered_bytes_
  std::chrono::steady_clock::time_point opened = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point deadline;
  std::chrono::steady_clock::time_point request_began;
  std::chrono::steady_clock::time_point answer_began;
  std::uint64_t unproven = 0;                 ///< its number among those; 0: it has proved itself
  bool handshaking = channel.is_encrypted();  ///< as far as the deadline knows
  bool keep_alive = true;
  bool head_only = false;
  bool pending = false;  ///< counted in pending_
  bool linger_after = false;
  bool taking = false;  ///< take_bytes() is at work further up
  bool dead = false;    ///< to be closed by whoever holds the slot
};

/// Where the connection on a socket number lives. The generation tells a connection from a later one on the
/// same number, so that a late answer or event never meets a stranger.
struct HttpServer::Slot {
  std::mutex mutex;
  std::uint32_t generation = 0;
  std::unique_ptr<Connection> connection;

  std::uint64_t ticket(std::size_t index) const {
    return (std::uint64_t{generation & 0x7FFFFFFFU} << 32U) | index;
  }
  static std::size_t index_of(std::uint64_t ticket) { return static_cast<std::size_t>(ticket & 0xFFFFFFFFU); }
};

struct HttpServer::Completion {
  std::uint64_t ticket = 0;
  std::uint64_t request = 0;
  Response response;
};

}  // namespace hostwatch::http
