#pragma once

#include <memory>
#include <string>
#include <utility>

#include "server/http/answers/response.h"
#include "server/http/peer.h"

namespace hostwatch::http {

/// Answers one request later, from any thread. Copies mean the same request; the first answer counts. If the
/// client has gone meanwhile the answer is dropped; where the last copy goes without an answer the connection
/// is closed, so that no client waits for ever. Thread-safe. Must not outlive its HttpServer.
class Responder {
 public:
  /// The place of the answer, made when the request came, so that answering needs no memory.
  class Ticket;

  explicit Responder(std::shared_ptr<Ticket> ticket) : ticket_(std::move(ticket)) {}

  void answer(Response response) const;

  /// False once nobody waits for the answer any more: the client has closed its side of the connection. Asks
  /// the system; for those whose work is worth it, and not to be called within the RequestHandler.
  bool is_wanted() const;

  const Peer& peer() const;

  /// See authenticated_by(); empty: nobody who has proved anything.
  const std::string& authenticated_client() const { return authenticated_client_; }

  /// The same, for a client that has proved who it is, or need not: see Response::authenticated_client.
  Responder authenticated_by(std::string client) const {
    Responder copy = *this;
    copy.authenticated_client_ = std::move(client);
    return copy;
  }

 private:
  std::shared_ptr<Ticket> ticket_;
  std::string authenticated_client_;
};

}  // namespace hostwatch::http
