#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <utility>

#include "server/http/answers/completion_queue.h"
#include "server/http/answers/responder.h"
#include "server/http/connection_table.h"

namespace hostwatch::http {

/// See Responder. Refers to the server's parts: they outlive it.
class Responder::Ticket {
 public:
  Ticket(CompletionQueue& completions, ConnectionTable& connections, const Connection& connection)
      : completions_(completions),
        connections_(connections),
        peer_(connection.peer()),
        request_(connection.request) {
    completion_.push_back({connection.ticket, connection.request, std::nullopt});
  }
  ~Ticket() {
    if (settle()) completions_.push(completion_);
  }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  /// The answer goes another way; false if there is one already.
  bool settle() { return !is_settled_.exchange(true); }

  void answer(Response response) {
    if (!settle()) return;
    completion_.front().response = std::move(response);
    completions_.push(completion_);
  }

  bool is_wanted() const { return !is_settled_ && connections_.is_awaited(peer_.connection, request_); }

  const Peer& peer() const { return peer_; }

 private:
  CompletionQueue& completions_;
  ConnectionTable& connections_;
  const Peer peer_;
  const std::uint64_t request_;
  std::atomic<bool> is_settled_{false};
  std::list<Completion> completion_;  ///< moves over to the server's
};

}  // namespace hostwatch::http
