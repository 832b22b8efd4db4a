#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/channel.h"
#include "server/http/http_server.h"
#include "server/http/outgoing_answer.h"

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

  /// An exception, for want of memory for instance, ends it and no other one.
  void give_up(const std::exception& error) noexcept;

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
  std::chrono::steady_clock::time_point opened = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point deadline;
  std::chrono::steady_clock::time_point request_began;
  std::chrono::steady_clock::time_point answer_began;
  std::uint64_t unproven = 0;  ///< its number among those; 0: it has proved itself
  std::optional<ProvenConnections::Place> proven;
  bool handshaking = channel.is_encrypted();  ///< as far as the deadline knows
  bool head_checked = false;                  ///< of the request that is arriving; it was let in
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

  /// The connection is there, and that request of it has no answer yet.
  bool is_waiting_for(std::uint64_t ticket, std::uint64_t request) const {
    return connection && connection->ticket == ticket && connection->request == request &&
           connection->state == Connection::State::waiting;
  }

  std::uint64_t ticket_of(std::size_t index) const {
    return (std::uint64_t{generation & 0x7FFFFFFFU} << 32U) | index;
  }
  static std::size_t index_of(std::uint64_t ticket) { return static_cast<std::size_t>(ticket & 0xFFFFFFFFU); }
};

struct HttpServer::Completion {
  std::uint64_t ticket = 0;
  std::uint64_t request = 0;
  std::optional<Response> response;  ///< none: the connection is to be closed
};

class Responder::Ticket {
 public:
  Ticket(HttpServer& server, std::uint64_t connection, std::uint64_t request, Peer peer)
      : server_(server), peer_(std::move(peer)), connection_(connection), request_(request) {
    completion_.push_back({connection, request, std::nullopt});
  }
  ~Ticket() {
    if (settle()) server_.complete(completion_);
  }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  /// The answer goes another way; false if there is one already.
  bool settle() { return !is_settled_.exchange(true); }

  void answer(Response response) {
    if (!settle()) return;
    completion_.front().response = std::move(response);
    server_.complete(completion_);
  }

  bool is_wanted() const { return !is_settled_ && server_.is_awaited(connection_, request_); }

  const Peer& peer() const { return peer_; }

 private:
  HttpServer& server_;
  const Peer peer_;
  const std::uint64_t connection_;
  const std::uint64_t request_;
  std::atomic<bool> is_settled_{false};
  std::list<HttpServer::Completion> completion_;  ///< moves over to the server's
};

}  // namespace hostwatch::http
