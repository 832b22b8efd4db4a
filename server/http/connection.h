#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/answers/outgoing_answer.h"
#include "server/http/failure_log.h"
#include "server/http/http_server_options.h"
#include "server/http/limits/authenticated_connections.h"
#include "server/http/limits/request_memory.h"
#include "server/http/limits/unsent_answers.h"
#include "server/http/peer.h"
#include "server/http/requests/request_framer.h"
#include "server/http/tls/channel.h"

namespace hostwatch::http {

/// One client's connection. Guarded by its slot's mutex (ConnectionTable); in epoll at most once at a time
/// (EPOLLONESHOT), never while a request waits for its answer.
struct Connection {
  using Clock = std::chrono::steady_clock;

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

  /// An exception, for want of memory for instance, ends it and no other one.
  void give_up(const std::exception& error) noexcept {
    log_failure("a connection failed", error);
    dead = true;
  }

  /// Until when the client has time for what it is to send now.
  void set_reading_deadline(const HttpServerOptions& options);

  /// That request of it has no answer yet.
  bool is_waiting_for(std::uint64_t its_request) const {
    return request == its_request && state == State::waiting;
  }

  Peer peer() const { return {address, channel.is_encrypted(), channel.has_client_certificate(), ticket}; }

  Channel channel;
  std::uint64_t ticket;
  std::uint64_t request = 0;  ///< counts the requests: a late second answer to one must not meet the next
  std::string address;
  RequestFramer framer;
  State state = State::reading;
  std::string leftover;  ///< bytes of the next requests, kept while one is answered or others have their turn
  OutgoingAnswer out;
  std::size_t sent = 0;                        ///< of `out`
  std::size_t taken = 0;                       ///< of `sent`, by the client, when it was looked at last
  std::optional<UnsentAnswers::Place> unsent;  ///< the answer waits for the client
  RequestMemory::Share accounted;              ///< what its unfinished requests hold
  Clock::time_point opened = Clock::now();
  Clock::time_point deadline;
  Clock::time_point request_began;
  Clock::time_point answer_began;
  std::uint64_t unauthenticated = 0;  ///< its number among those; 0: it has proved itself
  std::optional<AuthenticatedConnections::Place> authenticated;
  bool handshaking = channel.is_encrypted();  ///< as far as the deadline knows
  bool head_checked = false;                  ///< of the request that is arriving; it was admitted
  bool keep_alive = true;
  bool is_http_1_0 = false;  ///< the request that is answered
  bool head_only = false;
  bool pending = false;  ///< counted in PendingRequests
  bool linger_after = false;
  bool taking = false;  ///< RequestReceiver::take_bytes() is at work further up
  bool dead = false;    ///< to be closed by whoever holds the slot
};

}  // namespace hostwatch::http
